// Package httpd joins the features' handlers into one: routing, who is asking,
// limits, errors, the OpenAPI document and the embedded client.
package httpd

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"reflect"
	"runtime/debug"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/yunqiao/yunqiao/internal/account"
	"github.com/yunqiao/yunqiao/internal/problem"
	"github.com/yunqiao/yunqiao/internal/strictjson"
)

// maxBody is the largest request body, in bytes.
const maxBody = 1 << 20

// Feature registers its operations.
type Feature interface{ Register(api huma.API) }

// Parts are what the handler is made of.
type Parts struct {
	Accounts *account.HTTP
	Budgets  *Budgets
	Features []Feature
	// Raw are handlers of other kinds than JSON: the socket, files.
	Raw func(r chi.Router)
	// Archives are handlers that take whole archives in.
	Archives func(r chi.Router)
	// Open are handlers for callers from any origin, who show a token and no cookie.
	Open func(r chi.Router)
	// Client is the built client; its index.html serves every page.
	Client fs.FS
	// Ready reports what the node is missing to do its work.
	Ready   func(r *http.Request) error
	Version string
	Secure  bool
	Log     *slog.Logger
}

// New makes the handler.
func New(p Parts) http.Handler {
	r := chi.NewRouter()
	r.Use(p.recoverPanic, p.accessLog, p.securityHeaders, middleware.CleanPath)
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	r.Get("/readyz", p.ready)
	r.Group(func(r chi.Router) {
		r.Use(noStore, bodyIn(bodyWithin), http.NewCrossOriginProtection().Handler, middleware.RequestSize(maxBody), middleware.Compress(5), p.ofNetwork, p.Accounts.Authenticate)
		api := NewAPI(r, p.Version)
		api.UseMiddleware(p.afford)
		for _, f := range p.Features {
			f.Register(api)
		}
	})
	r.Group(func(r chi.Router) {
		r.Use(http.NewCrossOriginProtection().Handler, p.ofNetwork, p.Accounts.Authenticate)
		r.With(p.affordRaw(1)).Group(p.Raw)
		r.With(p.affordRaw(archiveCost)).Group(p.Archives)
	})
	r.With(noStore, bodyIn(bodyWithin), p.ofNetwork).Group(p.Open)
	r.Group(func(r chi.Router) {
		r.Use(middleware.Compress(5))
		r.Handle("/*", client(p.Client))
	})
	return r
}

// NewAPI makes the REST interface with its OpenAPI document at
// /api/openapi.json. Operations need an account unless they say otherwise.
func NewAPI(r chi.Router, version string) huma.API {
	cfg := huma.DefaultConfig("Yunqiao", version)
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "/api/openapi", "", ""
	cfg.CreateHooks = nil // no $schema member in bodies
	format := huma.DefaultJSONFormat
	format.Unmarshal = strictjson.Unmarshal
	cfg.Formats = map[string]huma.Format{"application/json": format, "json": format}
	cfg.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	api := humachi.New(r, cfg)
	api.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) {
		public, _ := ctx.Operation().Metadata["public"].(bool)
		if _, signedIn := account.From(ctx.Context()); !signedIn && !public {
			writeProblem(ctx, account.ErrSignedOut)
			return
		}
		next(ctx)
	})
	return api
}

// schemaName names a type in the document: account.View is Account, and
// chat.RoomView is Room.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Name() == "View" {
		pkg := path.Base(t.PkgPath())
		return strings.ToUpper(pkg[:1]) + pkg[1:]
	}
	return strings.TrimSuffix(huma.DefaultSchemaNamer(t, hint), "View")
}

func writeProblem(ctx huma.Context, e *problem.Error) {
	ctx.SetHeader("Content-Type", e.ContentType(""))
	for name, values := range e.GetHeaders() {
		ctx.SetHeader(name, values[0])
	}
	ctx.SetStatus(e.Status)
	body, err := e.MarshalJSON()
	if err == nil {
		_, _ = ctx.BodyWriter().Write(body) // the client may be gone
	}
}

func (p *Parts) ready(w http.ResponseWriter, r *http.Request) {
	if err := p.Ready(r); err != nil {
		p.Log.WarnContext(r.Context(), "not ready", "err", err)
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ready\n"))
}

// recoverPanic answers 500 where a handler panics; nothing else is disturbed.
func (p *Parts) recoverPanic(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			caught := recover()
			if caught == nil {
				return
			}
			if err, ok := caught.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(caught)
			}
			p.Log.ErrorContext(r.Context(), "handler panicked", "path", r.URL.Path, "panic", caught, "stack", string(debug.Stack()))
			problem.Write(w, problem.Internal())
		}()
		next.ServeHTTP(w, r)
	})
}

// accessLog writes one line per request. Queries are left out: they may hold
// what people searched for.
func (p *Parts) accessLog(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		wrapped := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		next.ServeHTTP(wrapped, r)
		p.Log.DebugContext(r.Context(), "request", "method", r.Method, "path", r.URL.Path,
			"status", wrapped.Status(), "bytes", wrapped.BytesWritten(), "took", time.Since(begin))
	})
}

// policy lets pages load from this hub alone. Inline styles are set by the
// widget library.
const policy = "default-src 'self'; connect-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
	"style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

func (p *Parts) securityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self), geolocation=()")
		if p.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}
