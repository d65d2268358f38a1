// The authorizer and the aggregation controller of Kubernetes itself, asked a line at a time. It stands in cmd/judge of their source.
//
// A line in is a world and requests, as `world` and `request` spell them; a line out says of each request whether it is allowed.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	"k8s.io/apiserver/pkg/authorization/union"
	rbaclisters "k8s.io/client-go/listers/rbac/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/kubernetes/pkg/controller/clusterroleaggregation"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"
)

type world struct {
	Roles               []*rbacv1.Role
	ClusterRoles        []*rbacv1.ClusterRole
	RoleBindings        []*rbacv1.RoleBinding
	ClusterRoleBindings []*rbacv1.ClusterRoleBinding
	Requests            []request
}

type request struct {
	User                                                    string
	Groups                                                  []string
	Verb, Namespace, Group, Resource, Subresource, Name, Path string
}

func main() {
	in := bufio.NewReader(os.Stdin)
	out := bufio.NewWriter(os.Stdout)
	decoder := json.NewDecoder(in)
	decoder.DisallowUnknownFields()
	for decoder.More() {
		var asked world
		check(decoder.Decode(&asked))
		check(json.NewEncoder(out).Encode(asked.answers()))
		check(out.Flush())
	}
}

func (asked *world) answers() []bool {
	authorizer := asked.authorizer()
	answers := make([]bool, len(asked.Requests))
	for at, request := range asked.Requests {
		answers[at] = request.isAllowed(authorizer)
	}
	return answers
}

func (asked *world) authorizer() authorizer.Authorizer {
	roles, clusterRoles, bindings, clusterBindings := indexer(), indexer(), indexer(), indexer()
	for _, object := range asked.Roles {
		check(roles.Add(object))
	}
	for _, object := range bootstrappolicy.ClusterRoles() {
		check(clusterRoles.Add(object.DeepCopy()))
	}
	for _, object := range asked.ClusterRoles {
		check(clusterRoles.Add(object))
	}
	for _, object := range asked.RoleBindings {
		check(bindings.Add(object))
	}
	for _, object := range asked.ClusterRoleBindings {
		check(clusterBindings.Add(object))
	}
	check(clusterroleaggregation.Settle(clusterRoles))
	return union.New(
		authorizerfactory.NewPrivilegedGroups(user.SystemPrivilegedGroup),
		rbac.New(
			&rbac.RoleGetter{Lister: rbaclisters.NewRoleLister(roles)},
			&rbac.RoleBindingLister{Lister: rbaclisters.NewRoleBindingLister(bindings)},
			&rbac.ClusterRoleGetter{Lister: rbaclisters.NewClusterRoleLister(clusterRoles)},
			&rbac.ClusterRoleBindingLister{Lister: rbaclisters.NewClusterRoleBindingLister(clusterBindings)},
		),
	)
}

func (asked *request) isAllowed(judge authorizer.Authorizer) bool {
	decision, _, _ := judge.Authorize(context.Background(), authorizer.AttributesRecord{
		User:            &user.DefaultInfo{Name: asked.User, Groups: asked.Groups},
		Verb:            asked.Verb,
		Namespace:       asked.Namespace,
		APIGroup:        asked.Group,
		Resource:        asked.Resource,
		Subresource:     asked.Subresource,
		Name:            asked.Name,
		ResourceRequest: asked.Path == "",
		Path:            asked.Path,
	})
	return decision == authorizer.DecisionAllow
}

func indexer() cache.Indexer {
	return cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
