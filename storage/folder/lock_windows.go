package folder

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// tryLock takes the lock of file at once or reports that another process holds
// it. Windows forbids others to read a locked range, so the range lies far
// beyond the content that names the holder.
func tryLock(file *os.File, exclusive bool) (held bool, err error) {
	flags := uint32(windows.LOCKFILE_FAIL_IMMEDIATELY)
	if exclusive {
		flags |= windows.LOCKFILE_EXCLUSIVE_LOCK
	}
	beyond := &windows.Overlapped{OffsetHigh: 1 << 30}
	err = windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, beyond)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return true, nil
	}
	return false, err
}
