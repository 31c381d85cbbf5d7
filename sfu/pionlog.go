package sfu

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// pionLogs hands pion's messages to slog. What pion calls a warning or an error
// concerns one peer's connection and is expected on bad networks, so it is told
// at debug level only.
type pionLogs struct{ log *slog.Logger }

// NewLogger implements logging.LoggerFactory.
func (f pionLogs) NewLogger(scope string) logging.LeveledLogger {
	return pionLog{f.log.With("scope", "pion/"+scope)}
}

type pionLog struct{ log *slog.Logger }

func (l pionLog) say(msg string) { l.log.Debug("pion", "text", msg) }

func (l pionLog) sayf(format string, args []any) {
	if l.log.Enabled(context.Background(), slog.LevelDebug) {
		l.say(fmt.Sprintf(format, args...))
	}
}

func (l pionLog) Trace(string)                 {}
func (l pionLog) Tracef(string, ...any)        {}
func (l pionLog) Debug(string)                 {}
func (l pionLog) Debugf(string, ...any)        {}
func (l pionLog) Info(msg string)              { l.say(msg) }
func (l pionLog) Infof(f string, args ...any)  { l.sayf(f, args) }
func (l pionLog) Warn(msg string)              { l.say(msg) }
func (l pionLog) Warnf(f string, args ...any)  { l.sayf(f, args) }
func (l pionLog) Error(msg string)             { l.say(msg) }
func (l pionLog) Errorf(f string, args ...any) { l.sayf(f, args) }
