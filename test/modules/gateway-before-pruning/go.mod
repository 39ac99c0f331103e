module example.com/gomod-health/gateway

go 1.16

require (
	github.com/gin-gonic/gin v1.7.7
	github.com/grpc-ecosystem/grpc-gateway/v2 v2.5.0
	github.com/hashicorp/consul/api v1.12.0
	github.com/hashicorp/vault/api v1.3.0
	github.com/prometheus/client_golang v1.11.0
	google.golang.org/grpc v1.41.0
)

replace github.com/gogo/protobuf => github.com/gogo/protobuf v1.3.2

exclude google.golang.org/grpc v1.38.0
