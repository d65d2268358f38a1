// The one thing of its parent package that the aggregation controller needs; the parent itself needs hundreds of others.
package controller

import "k8s.io/client-go/tools/cache"

// KeyFunc is that of the parent package.
var KeyFunc = cache.DeletionHandlingMetaNamespaceKeyFunc
