package live

import (
	"testing"

	"github.com/docker/docker/api/types/container"
	"github.com/stretchr/testify/require"
)

func TestImports(t *testing.T) {
	require.NotNil(t, &container.Config{})
}
