package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/yunqiao/yunqiao/internal/problem"
)

// Cost is what hashing a password with argon2id takes.
type Cost struct {
	Passes  uint32
	Memory  uint32 // KiB
	Threads uint8
}

// strong is the choice of RFC 9106 section 4 where memory is limited.
var strong = Cost{Passes: 3, Memory: 64 << 10, Threads: 4} //nolint:gochecknoglobals // Go has no constant structs

const (
	argonKeyLen  = 32
	argonSaltLen = 16

	minPassword = 10
	maxPassword = 256
)

var errBadHash = errors.New("stored password hash is unreadable")

// hasher bounds how many hashes run and wait at once, since each takes 64 MiB
// and a good part of a second. Who is known here does not wait for strangers.
type hasher struct {
	cost             Cost
	strangers, known lane
}

// lane is where hashes of one kind wait.
type lane struct {
	running chan struct{} // a place for each that runs
	inside  chan struct{} // and for each that runs or waits
}

func newLane(running, waiting int) lane {
	return lane{make(chan struct{}, running), make(chan struct{}, running+waiting)}
}

func newHasher() *hasher {
	return &hasher{cost: strong, strangers: newLane(2, 8), known: newLane(1, 8)}
}

// errManySignIns is the error of who would have to wait for too many others.
var errManySignIns = problem.New(http.StatusServiceUnavailable, "sign_in_busy", "many passwords are being checked; try again in a moment").
	With("retry_after", 3)

// enter waits for a place to hash, unless too many wait already. leave gives it
// back.
func (l lane) enter(ctx context.Context) (leave func(), err error) {
	select {
	case l.inside <- struct{}{}:
	default:
		return nil, errManySignIns
	}
	select {
	case l.running <- struct{}{}:
		return func() { <-l.running; <-l.inside }, nil
	case <-ctx.Done():
		<-l.inside
		return nil, context.Cause(ctx)
	}
}

// hash returns a password's hash in the PHC string format, for who may have one.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.known.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	salt := make([]byte, argonSaltLen)
	_, _ = rand.Read(salt) // never fails since Go 1.24
	return h.cost.text(salt, h.cost.key(password, salt, argonKeyLen)), nil
}

func (c Cost) key(password string, salt []byte, length uint32) []byte {
	return argon2.IDKey([]byte(password), salt, c.Passes, c.Memory, c.Threads, length)
}

// text is a hash in the PHC string format.
func (c Cost) text(salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		c.Memory, c.Passes, c.Threads, b64.EncodeToString(salt), b64.EncodeToString(key))
}

// verify compares a password with a stored hash, for who has entered a lane. An
// unknown account is verified against a hash of nothing, so that it takes as long.
func (h *hasher) verify(password, stored string) (bool, error) {
	unknown := stored == ""
	if unknown {
		stored = h.cost.text(make([]byte, argonSaltLen), make([]byte, argonKeyLen))
	}
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, errBadHash
	}
	var c Cost
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Passes, &c.Threads); err != nil {
		return false, fmt.Errorf("%w: %w", errBadHash, err)
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	want, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || keyErr != nil || len(want) == 0 {
		return false, errBadHash
	}
	got := c.key(password, salt, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1 && !unknown, nil
}

func checkPassword(field, password string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return problem.Invalid(field, "at least %d characters", minPassword)
	case n > maxPassword:
		return problem.Invalid(field, "at most %d characters", maxPassword)
	}
	return nil
}

// newToken returns 256 random bits as text, and what is stored of them.
func newToken() (token string, hash []byte) {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	token = base64.RawURLEncoding.EncodeToString(raw)
	return token, hashToken(token)
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
