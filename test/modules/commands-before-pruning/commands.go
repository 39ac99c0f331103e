package commands

import (
	_ "github.com/spf13/cobra"
	_ "github.com/spf13/viper"
)
