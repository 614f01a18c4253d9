// A real gRPC client (grpc-go) in a process of its own, which resolves xds:///NAME. It reads its bootstrap from the
// environment and obeys commands that come as lines of JSON; lab/clients/README.md describes them.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	xdscredentials "google.golang.org/grpc/credentials/xds"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	_ "google.golang.org/grpc/xds"
)

type command struct {
	ID       int     `json:"id"`
	Do       string  `json:"do"`
	Service  string  `json:"service"`
	Count    int     `json:"count"`
	Parallel int     `json:"parallel"`
	Deadline int     `json:"deadline"`
	Rate     float64 `json:"rate"`
	User     string  `json:"user"`
}

type answer struct {
	ID    int     `json:"id"`
	Tally *counts `json:"tally,omitempty"`
	Error string  `json:"error,omitempty"`
}

type counts struct {
	OK        int            `json:"ok"`
	Failed    int            `json:"failed"`
	ByBackend map[string]int `json:"byBackend"`
	Failures  []string       `json:"failures"`
	Slowest   int64          `json:"slowest"`
}

type tally struct {
	sync.Mutex
	counts
}

func newTally() *tally {
	return &tally{counts: counts{ByBackend: map[string]int{}, Failures: []string{}}}
}

func (t *tally) count(c command) {
	started := time.Now()
	name, err := call(c)
	took := time.Since(started).Milliseconds()
	t.Lock()
	defer t.Unlock()
	t.Slowest = max(t.Slowest, took)
	if err == nil {
		t.OK++
		t.ByBackend[name]++
		return
	}
	t.Failed++
	if len(t.Failures) < 10 {
		failed := status.Convert(err)
		at := started.UTC().Format(time.RFC3339Nano)
		t.Failures = append(t.Failures, fmt.Sprintf("%s after %d ms: %s: %s", at, took, failed.Code(), failed.Message()))
	}
}

func (t *tally) read() *counts {
	t.Lock()
	defer t.Unlock()
	read := t.counts
	read.ByBackend = map[string]int{}
	for name, calls := range t.ByBackend {
		read.ByBackend[name] = calls
	}
	return &read
}

// bytes sends and receives messages as they are.
type bytes struct{}

func (bytes) Name() string                  { return "bytes" }
func (bytes) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }
func (bytes) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = append([]byte{}, data...)
	return nil
}

var (
	channelsLock sync.Mutex
	channels     = map[string]*grpc.ClientConn{}
)

func channelOf(service string) (*grpc.ClientConn, error) {
	channelsLock.Lock()
	defer channelsLock.Unlock()
	if channel := channels[service]; channel != nil {
		return channel, nil
	}
	// TLS where the control plane says so, else in clear.
	options := xdscredentials.ClientOptions{FallbackCreds: insecure.NewCredentials()}
	credentials, err := xdscredentials.NewClientCredentials(options)
	if err != nil {
		return nil, err
	}
	channel, err := grpc.NewClient("xds:///"+service, grpc.WithTransportCredentials(credentials))
	if err == nil {
		channels[service] = channel
	}
	return channel, err
}

func call(c command) (string, error) {
	channel, err := channelOf(c.Service)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(c.Deadline)*time.Millisecond)
	defer cancel()
	if c.User != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "x-user", c.User)
	}
	var question, name []byte
	err = channel.Invoke(ctx, "/lab.Echo/Who", &question, &name, grpc.ForceCodec(bytes{}))
	return string(name), err
}

// calls makes so many calls, a number of them at a time.
func calls(c command) *counts {
	tally := newTally()
	turns := make(chan struct{}, c.Count)
	for range c.Count {
		turns <- struct{}{}
	}
	close(turns)
	var workers sync.WaitGroup
	for range c.Parallel {
		workers.Go(func() {
			for range turns {
				tally.count(c)
			}
		})
	}
	workers.Wait()
	return tally.read()
}

type load struct {
	tally *tally
	end   chan struct{}
	calls sync.WaitGroup
}

func startLoad(c command) *load {
	started := &load{tally: newTally(), end: make(chan struct{})}
	started.calls.Go(func() {
		begin := time.Now()
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for sent := 0; ; {
			select {
			case <-started.end:
				return
			case <-ticker.C:
			}
			// After a pause of this process it catches up, but not with a flood.
			due := int(time.Since(begin).Seconds() * c.Rate)
			for batch := 0; sent < due && batch < 20; batch++ {
				sent++
				started.calls.Go(func() { started.tally.count(c) })
			}
		}
	})
	return started
}

func (l *load) stop() *counts {
	close(l.end)
	l.calls.Wait()
	return l.tally.read()
}

func main() {
	var writing sync.Mutex
	reply := func(a answer) {
		line, err := json.Marshal(a)
		if err != nil {
			log.Fatal(err)
		}
		writing.Lock()
		defer writing.Unlock()
		fmt.Println(string(line))
	}
	loads := map[string]*load{}
	// The end of the input says that the test that started it is gone.
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		var c command
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			log.Fatal(err)
		}
		running := loads[c.Service]
		switch {
		case c.Do == "calls":
			go func() { reply(answer{ID: c.ID, Tally: calls(c)}) }()
		case c.Do == "startLoad" && running == nil:
			loads[c.Service] = startLoad(c)
			reply(answer{ID: c.ID, Tally: newTally().read()})
		case c.Do == "readLoad" && running != nil:
			reply(answer{ID: c.ID, Tally: running.tally.read()})
		case c.Do == "stopLoad" && running != nil:
			delete(loads, c.Service)
			go func() { reply(answer{ID: c.ID, Tally: running.stop()}) }()
		default:
			reply(answer{ID: c.ID, Error: fmt.Sprintf("cannot %s the service %s now", c.Do, c.Service)})
		}
	}
}
