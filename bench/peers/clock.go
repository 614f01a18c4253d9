package main

import (
	"syscall"
	"time"
	"unsafe"
)

const clockMonotonic = 1

// monotonic asks the kernel; time.Since, which counts by the same clock, is cheaper.
func monotonic() int64 {
	var at syscall.Timespec
	if _, _, err := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&at)), 0); err != 0 {
		panic(err)
	}
	return at.Nano()
}

var (
	started   = time.Now()
	startedAt = monotonic()
)

// now is the kernel's monotonic clock in nanoseconds, which is process.hrtime of Node.
func now() int64 { return startedAt + int64(time.Since(started)) }
