package sfu

import (
	"testing"

	"go.uber.org/goleak"
)

// strangers are goroutines of the tests' own peers: pion reads on a stream that
// came too early for its track, and on a busy machine forgets it when the
// connection closes meanwhile. The node's connections have no interceptors.
const strangers = "github.com/pion/interceptor/pkg/report.(*ReceiverInterceptor).BindRemoteStream.func1"

func TestMain(m *testing.M) {
	beGuests()
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction(strangers))
}
