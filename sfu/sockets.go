package sfu

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"time"

	"github.com/pion/ice/v4"

	"github.com/yunqiao/yunqiao/sfu/internal/batch"
)

const (
	socketBuffer = 4 << 20
	tcpReadQueue = 64
	tcpFirstWord = 5 * time.Second // for a connection to say whose it is
	tcpUnknown   = 2 * time.Second // for who it names to be there: they are expected before
)

// open opens the sockets.
func (s *SFU) open() error {
	if err := s.openUDP(); err != nil {
		return err
	}
	if s.cfg.Relay != nil {
		if err := s.openRelay(*s.cfg.Relay); err != nil {
			return err
		}
	}
	return s.openTCP()
}

func (s *SFU) openTCP() error {
	if s.cfg.TCPAddr == "" {
		return nil
	}
	var err error
	var listener net.ListenConfig
	if s.tcp, err = listener.Listen(context.Background(), "tcp", s.cfg.TCPAddr); err != nil {
		return fmt.Errorf("listen for media on TCP %s: %w", s.cfg.TCPAddr, err)
	}
	s.tcpIn = newTCPListener(s.tcp, &s.counters.tcpRefused, buffered)
	s.tcpMux = ice.NewTCPMuxDefault(ice.TCPMuxParams{
		Listener: s.tcpIn, Logger: s.pionLog.NewLogger("tcp"),
		ReadBufferSize: tcpReadQueue, FirstStunBindTimeout: tcpFirstWord, AliveDurationForConnFromStun: tcpUnknown,
	})
	return nil
}

func (s *SFU) openUDP() error {
	udp := s.cfg.socket
	var err error
	if udp == nil {
		if udp, err = s.listenUDP(); err != nil {
			return err
		}
	}
	if s.udp, err = batch.New(udp, batch.Settings{Readers: s.readers(), Dropped: s.counters.unsent}); err != nil {
		return errors.Join(err, udp.Close())
	}
	s.handshakes = &handshakes{Conn: s.udp, now: s.now, flights: map[netip.AddrPort]*flight{}}
	s.udpMux = ice.NewUDPMuxDefault(ice.UDPMuxParams{UDPConn: &entrance{s.handshakes, &s.door}, Logger: s.pionLog.NewLogger("udp")})
	return nil
}

func (s *SFU) listenUDP() (*net.UDPConn, error) {
	addr, err := net.ResolveUDPAddr(udpNetwork(s.cfg.UDPAddr), s.cfg.UDPAddr)
	if err != nil {
		return nil, fmt.Errorf("media UDP address %q: %w", s.cfg.UDPAddr, err)
	}
	udp, err := net.ListenUDP(udpNetwork(s.cfg.UDPAddr), addr)
	if err != nil {
		return nil, fmt.Errorf("listen for media on UDP %s: %w", s.cfg.UDPAddr, err)
	}
	// A host may cap these; smaller buffers only mean more loss under load.
	if err := errors.Join(udp.SetReadBuffer(socketBuffer), udp.SetWriteBuffer(socketBuffer)); err != nil {
		s.log.Info("media socket keeps its default buffers", "err", err)
	}
	return udp, nil
}

// udpNetwork keeps an IPv4 wildcard from opening a socket for both families.
func udpNetwork(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if ip, perr := netip.ParseAddr(host); err == nil && perr == nil && ip.Is4() {
		return "udp4"
	}
	return "udp"
}

// flush sends the packets that were written but wait for others to share a
// system call with. Whoever writes calls it where nothing more follows at once:
// at the end of a frame, after a sound, after RTCP and repairs.
func (s *SFU) flush() {
	if s.udp != nil {
		s.udp.Flush()
	}
}

// Of the processors so many can be kept busy by what arrives; what is sent because of
// it goes out on the same ones.
const (
	processorsPerReader = 2
	mostReaders         = 8
)

func (s *SFU) readers() int {
	if s.cfg.readers > 0 {
		return s.cfg.readers
	}
	return min(max(runtime.GOMAXPROCS(0)/processorsPerReader, 1), mostReaders)
}

// readMore takes in what one more reader of the media socket reads. What is not the
// media of a client whose address is known goes to pion's.
func (s *SFU) readMore(ctx context.Context, r *batch.Reader) error {
	defer context.AfterFunc(ctx, r.Stop)()
	buf := make([]byte, 2*maxPacket)
	for {
		n, from, err := r.ReadFromAddrPort(buf)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			return fmt.Errorf("read media: %w", err)
		}
		if n = s.door.enter(buf[:n], from); n > 0 && !s.udp.Inject(buf[:n], from) {
			s.counters.drop(dropQueueFull)
		}
	}
}

// sendRest flushes for those who have sent others' packets for long enough. What
// nobody flushes, such as the rest of a frame whose end is lost, goes with tick.
func (s *SFU) sendRest(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-s.udp.Kicked():
		}
		s.udp.Flush()
	}
}

// unsent counts what the media socket dropped.
func (c *counters) unsent(why batch.Reason, datagrams int) {
	reason := [batch.Reasons]drop{
		batch.Full: dropQueueFull, batch.SocketFull: dropSocketFull, batch.TooLarge: dropPathMTU,
		batch.Unreachable: dropUnreachable, batch.Truncated: dropTooLarge,
	}[why]
	c.drops[reason].Add(uint64(datagrams))
}
