package flexfec

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
)

const ssrc = 0xdecade

// video makes RTP packets of several sizes, numbered from first.
func video(first uint16, count int, random *rand.Rand) [][]byte {
	list := make([][]byte, count)
	for i := range list {
		b := make([]byte, rtpHeader+1+random.IntN(1200))
		for j := range b {
			b[j] = byte(random.Uint32())
		}
		b[0], b[1] = 0x80|b[0]&0x10, b[1]&0x80|96
		binary.BigEndian.PutUint16(b[2:], first+uint16(i))
		binary.BigEndian.PutUint32(b[8:], ssrc)
		list[i] = b
	}
	return list
}

// repair is a receiver (section 6.3): what parity gives back of the one packet
// that is missing among those it covers.
func repair(parity []byte, have map[uint16][]byte) ([]byte, error) {
	if parity[0]&0xc0 != 0 || parity[8] != 1 || binary.BigEndian.Uint32(parity[12:]) != ssrc || parity[18]&0x80 == 0 {
		return nil, fmt.Errorf("header %x", parity[:HeaderSize])
	}
	base := binary.BigEndian.Uint16(parity[16:])
	mask := binary.BigEndian.Uint16(parity[18:])
	head := append([]byte(nil), parity[:8]...)
	body := append([]byte(nil), parity[HeaderSize:]...)
	missing, found := uint16(0), 0
	for i := range uint16(span) {
		if mask&(1<<(span-1-i)) == 0 {
			continue
		}
		p := have[base+i]
		if p == nil {
			missing = base + i
			found++
			continue
		}
		size := binary.BigEndian.AppendUint16(nil, uint16(len(p)-rtpHeader))
		for j, b := range []byte{p[0], p[1], size[0], size[1], p[4], p[5], p[6], p[7]} {
			head[j] ^= b
		}
		for j, b := range p[rtpHeader:] {
			body[j] ^= b
		}
	}
	if found != 1 {
		return nil, nil
	}
	out := make([]byte, rtpHeader, 1500)
	out[0], out[1] = head[0]&0x3f|0x80, head[1]
	binary.BigEndian.PutUint16(out[2:], missing)
	copy(out[4:8], head[4:8])
	binary.BigEndian.PutUint32(out[8:], ssrc)
	return append(out, body[:binary.BigEndian.Uint16(head[2:])]...), nil
}

func TestOneLossOfAGroupIsRepaired(t *testing.T) {
	t.Parallel()
	for _, plan := range []struct{ size, depth, burst int }{{10, 1, 1}, {5, 2, 2}, {4, 3, 3}, {2, 3, 3}, {15, 1, 1}} {
		random := rand.New(rand.NewPCG(7, uint64(plan.size)))
		var e Encoder
		e.Plan(plan.size, plan.depth)
		count := plan.size * plan.depth * 4
		sent := video(65500, count, random) // over the wrap
		var parities [][]byte
		for _, p := range sent {
			if out := e.Add(p, ssrc, make([]byte, 1500)); out != nil {
				parities = append(parities, out)
			}
		}
		if len(parities) != count/plan.size {
			t.Fatalf("%+v: %d parity packets for %d", plan, len(parities), count)
		}
		for lost := 0; lost+plan.burst <= plan.size*plan.depth; lost++ {
			have := map[uint16][]byte{}
			for i, p := range sent {
				if i < lost || i >= lost+plan.burst {
					have[binary.BigEndian.Uint16(p[2:])] = p
				}
			}
			for _, parity := range parities {
				p, err := repair(parity, have)
				if err != nil {
					t.Fatal(err)
				}
				if p != nil {
					have[binary.BigEndian.Uint16(p[2:])] = p
				}
			}
			for i, p := range sent {
				if !bytes.Equal(have[binary.BigEndian.Uint16(p[2:])], p) {
					t.Fatalf("%+v: packet %d did not come back", plan, i)
				}
			}
		}
	}
}

func TestJumpsAndOversizeCoverNothingWrong(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	var e Encoder
	dst := make([]byte, 1500)
	if e.Add(video(1, 1, random)[0], ssrc, dst) != nil {
		t.Error("a parity packet without a plan")
	}
	e.Plan(2, 1)
	e.Add(video(1, 1, random)[0], ssrc, dst)
	if e.Add(video(4000, 1, random)[0], ssrc, dst) != nil {
		t.Error("a group over a jump")
	}
	if e.Add(make([]byte, maxPacket+1), ssrc, dst) != nil || e.Add([]byte{1}, ssrc, dst) != nil {
		t.Error("took what is no packet")
	}
	if got := e.Add(video(4001, 1, random)[0], ssrc, dst); got == nil || binary.BigEndian.Uint16(got[16:]) != 4000 {
		t.Error("no parity after the jump")
	}
	e.Add(video(5, 1, random)[0], ssrc, dst)
	e.Reset()
	if e.Add(video(6, 1, random)[0], ssrc, dst) != nil {
		t.Error("remembers over a reset")
	}
}

func TestNothingIsAllocated(t *testing.T) { //nolint:paralleltest // counts allocations
	var e Encoder
	e.Plan(4, 3)
	packet, dst := make([]byte, 1200), make([]byte, 1500)
	sn := uint16(0)
	if n := testing.AllocsPerRun(100, func() {
		sn++
		binary.BigEndian.PutUint16(packet[2:], sn)
		e.Add(packet, ssrc, dst)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
