/* Ends a process at one of its writes, as `kill -9` does: LD_PRELOAD this, and STOP_AT says which, counted from 1. What writes bytes has
 * written half of them by then. Counted is what changes a file, a directory or a connection; what goes to a terminal or a pipe is not. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long left;

__attribute__((constructor)) static void begin(void) {
    const char *at = getenv("STOP_AT");
    atomic_store(&left, at ? atol(at) : 0);
    unsetenv("LD_PRELOAD"); /* What the process starts runs to its end. */
}

static int is_the_one(void) { return atomic_fetch_sub(&left, 1) == 1; }
static void stop(void) { kill(getpid(), SIGKILL); }
static void step(void) { if (is_the_one()) stop(); }

static int counts(int fd) {
    struct stat state;
    return fstat(fd, &state) == 0 && (S_ISREG(state.st_mode) || S_ISSOCK(state.st_mode));
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *bytes, size_t count) {
    if (counts(fd) && is_the_one()) { REAL(write)(fd, bytes, count / 2); stop(); }
    return REAL(write)(fd, bytes, count);
}
ssize_t writev(int fd, const struct iovec *parts, int count) { if (counts(fd)) step(); return REAL(writev)(fd, parts, count); }
ssize_t send(int fd, const void *bytes, size_t count, int flags) {
    if (counts(fd) && is_the_one()) { REAL(send)(fd, bytes, count / 2, flags); stop(); }
    return REAL(send)(fd, bytes, count, flags);
}
ssize_t sendmsg(int fd, const struct msghdr *message, int flags) { if (counts(fd)) step(); return REAL(sendmsg)(fd, message, flags); }
int fsync(int fd) { step(); return REAL(fsync)(fd); }
int rename(const char *from, const char *to) { step(); return REAL(rename)(from, to); }
int linkat(int one, const char *from, int other, const char *to, int flags) { step(); return REAL(linkat)(one, from, other, to, flags); }
int link(const char *from, const char *to) { step(); return REAL(link)(from, to); }
int unlink(const char *path) { step(); return REAL(unlink)(path); }
int mkdir(const char *path, mode_t mode) { step(); return REAL(mkdir)(path, mode); }

#define OPENS(name)                                                     \
    int name(const char *path, int flags, ...) {                        \
        va_list more;                                                   \
        va_start(more, flags);                                          \
        mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;       \
        va_end(more);                                                   \
        if (flags & O_CREAT) step();                                    \
        return REAL(name)(path, flags, mode);                           \
    }
OPENS(open)
OPENS(open64)
