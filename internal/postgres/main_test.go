package postgres_test

import (
	"os"
	"testing"

	"github.com/yunqiao/yunqiao/internal/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }
