package files

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Clamd asks a ClamAV daemon about contents (clamd(8), INSTREAM).
type Clamd struct{ network, address string }

// scanTimeout bounds one scan.
const scanTimeout = 5 * time.Minute

// NewClamd takes an address as unix:///run/clamav/clamd.ctl or tcp://host:3310.
func NewClamd(address string) (*Clamd, error) {
	network, rest, found := strings.Cut(address, "://")
	if !found || rest == "" || network != "unix" && network != "tcp" {
		return nil, fmt.Errorf("clamd address %q must look like unix:///run/clamav/clamd.ctl or tcp://localhost:3310", address)
	}
	return &Clamd{network, rest}, nil
}

// Scan returns the name of the virus that a content holds, or "".
func (c *Clamd) Scan(ctx context.Context, content io.Reader) (virus string, err error) {
	ctx, cancel := context.WithTimeout(ctx, scanTimeout)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, c.network, c.address)
	if err != nil {
		return "", fmt.Errorf("reach clamd: %w", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	sendErr := send(conn, content)
	// A daemon that has seen enough answers and hangs up while we still send.
	reply, err := io.ReadAll(io.LimitReader(conn, 4096))
	if len(reply) == 0 {
		return "", fmt.Errorf("ask clamd: %w", errors.Join(sendErr, err, io.ErrUnexpectedEOF))
	}
	return parseReply(string(reply))
}

// send streams a content in pieces, each after its length; a length of zero
// ends it.
func send(conn io.Writer, content io.Reader) error {
	if _, err := io.WriteString(conn, "zINSTREAM\x00"); err != nil {
		return err
	}
	piece := make([]byte, 4+64<<10)
	for {
		n, err := io.ReadFull(content, piece[4:])
		if n > 0 {
			binary.BigEndian.PutUint32(piece, uint32(n))
			if _, err := conn.Write(piece[:4+n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			_, err = conn.Write(make([]byte, 4))
			return err
		}
		if err != nil {
			return err
		}
	}
}

// parseReply reads "stream: OK" and "stream: NAME FOUND". Anything else is no
// statement about the content.
func parseReply(reply string) (virus string, err error) {
	reply = strings.TrimSpace(strings.TrimRight(reply, "\x00"))
	if reply == "stream: OK" {
		return "", nil
	}
	name, isFound := strings.CutSuffix(reply, " FOUND")
	name, isStream := strings.CutPrefix(name, "stream: ")
	if !isFound || !isStream || name == "" {
		return "", fmt.Errorf("clamd answered %q", reply)
	}
	return strings.ToValidUTF8(strings.ReplaceAll(name, "\x00", ""), "?"), nil
}
