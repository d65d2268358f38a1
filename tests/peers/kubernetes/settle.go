// What the aggregation controller makes of cluster roles, once it has nothing more to do. It stands in its package, beside the controller.
package clusterroleaggregation

import (
	"context"
	"errors"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	rbacclient "k8s.io/client-go/kubernetes/typed/rbac/v1"
	rbaclisters "k8s.io/client-go/listers/rbac/v1"
	"k8s.io/client-go/tools/cache"
)

type store struct {
	rbacclient.ClusterRoleInterface
	roles   cache.Indexer
	updates int
}

func (store *store) ClusterRoles() rbacclient.ClusterRoleInterface { return store }

func (store *store) Update(_ context.Context, role *rbacv1.ClusterRole, _ metav1.UpdateOptions) (*rbacv1.ClusterRole, error) {
	store.updates++
	return role, store.roles.Update(role)
}

// Settle lets the controller look at every role until it changes none.
func Settle(roles cache.Indexer) error {
	store := &store{roles: roles}
	controller := &ClusterRoleAggregationController{clusterRoleClient: store, clusterRoleLister: rbaclisters.NewClusterRoleLister(roles)}
	for round := 0; round < 1000; round++ {
		before := store.updates
		for _, key := range roles.ListKeys() {
			if err := controller.syncClusterRole(key); err != nil {
				return err
			}
		}
		if store.updates == before {
			return nil
		}
	}
	return errors.New("the controller never settles")
}
