package live

import (
	_ "github.com/IBM/sarama"
	_ "github.com/go-sql-driver/mysql"
	_ "github.com/hashicorp/vault/api"
	_ "github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/minio/minio-go/v7"
	_ "github.com/redis/go-redis/v9"
	_ "github.com/segmentio/kafka-go"
	_ "go.etcd.io/etcd/client/v3"
	_ "go.mongodb.org/mongo-driver/v2/mongo"
)
