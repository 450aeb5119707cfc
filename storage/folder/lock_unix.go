//go:build unix && !aix && !solaris

package folder

import (
	"errors"
	"os"
	"syscall"
)

// tryLock takes the lock of file at once or reports that another process holds
// it. It is bound to the open file, not to the process, and ends with it, also
// when the process is killed.
func tryLock(file *os.File, exclusive bool) (held bool, err error) {
	how := syscall.LOCK_SH
	if exclusive {
		how = syscall.LOCK_EX
	}
	for {
		err = syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	return false, err
}
