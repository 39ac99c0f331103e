module example.com/gomod-health/commands

go 1.16

require (
	github.com/spf13/cobra v1.2.1
	github.com/spf13/viper v1.8.1
	github.com/stretchr/testify v1.7.0
)
