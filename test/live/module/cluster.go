// Package live imports well-known libraries, so that its go.mod and go.sum are like those of a large service.
package live

import (
	_ "k8s.io/api/apps/v1"
	_ "k8s.io/client-go/informers"
	_ "k8s.io/client-go/kubernetes"
	_ "k8s.io/client-go/tools/clientcmd"
	_ "sigs.k8s.io/controller-runtime/pkg/client"
)
