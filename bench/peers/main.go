// The peers that Fingerpost is measured against, and the load for all of them. One program with several commands:
//
//	peers load               many streams, told by JSON lines what to do (see load.go)
//	peers linear RECORDING   go-control-plane's LinearCache
//	peers snapshot RECORDING go-control-plane's SnapshotCache
//	... RECORDING CERT KEY CA by mutual TLS
//
// The end of the input says that the benchmark is gone: then it ends too.
package main

import (
	"fmt"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	if err := run(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(args []string) error {
	if len(args) == 1 && args[0] == "load" {
		return load()
	}
	if len(args) != 2 && len(args) != 5 {
		return fmt.Errorf("usage: peers load | peers linear RECORDING [CERT KEY CA] | peers snapshot RECORDING [CERT KEY CA]")
	}
	world, err := readWorld(args[1])
	if err != nil {
		return err
	}
	options, err := secured(args[2:])
	if err != nil {
		return err
	}
	switch args[0] {
	case "linear":
		return serve(newLinear(world), options...)
	case "snapshot":
		snapshots, err := newSnapshots(world)
		if err != nil {
			return err
		}
		return serve(snapshots, options...)
	}
	return fmt.Errorf("unknown command %q", args[0])
}
