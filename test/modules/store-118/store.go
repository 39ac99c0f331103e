package store

import (
	_ "github.com/docker/docker/client"
	_ "github.com/jackc/pgx/v4/pgxpool"
	_ "github.com/spf13/viper"
	_ "gorm.io/driver/mysql"
	_ "gorm.io/gorm"
)
