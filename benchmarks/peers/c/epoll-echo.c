/*
 * epoll-echo PORT: the plain TCP echo server, one thread, readiness.
 *
 * Kernel features: epoll, level-triggered; accept4. Floor: Linux 2.6.28.
 *
 * Try it:  target/epoll-echo 7000 &  target/epoll-load 7000 64 64 1 3
 *
 * What was read is written straight away. Only when that write falls short is the rest copied aside,
 * and then the connection is not read again until it has gone: no more than one read is ever pending.
 */
#define _GNU_SOURCE
#include "peer.h"

#include <stdbool.h>
#include <sys/epoll.h>

enum {
    READ_SIZE = 64 * 1024,
    EVENTS_MAX = 512,
    ACCEPTS_MAX = 64, /* per turn, so that a storm of connects does not starve those who talk */
    ACCEPT_RETRY_MILLIS = 100,
};

struct connection {
    char *pending; /* what the socket did not take; NULL while nothing waits */
    size_t offset;
    size_t length;
};

static struct connection connections[DESCRIPTORS_MAX]; /* by descriptor */
static char read_buffer[READ_SIZE];
static int epoll;
static int listener;
static bool accepting = true;

static void watch(int operation, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};

    if (epoll_ctl(epoll, operation, fd, &event) < 0)
        fail("epoll_ctl", errno);
}

/* Out of descriptors, a level-triggered listener would stay ready and spin: it is not watched meanwhile. */
static void set_accepting(bool on)
{
    if (accepting != on)
        watch(EPOLL_CTL_MOD, listener, on ? EPOLLIN : 0);
    accepting = on;
}

static void accept_some(void)
{
    for (int i = 0; i < ACCEPTS_MAX; i++) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            watch(EPOLL_CTL_ADD, fd, EPOLLIN);
        } else if (errno == EAGAIN) {
            return;
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            set_accepting(false);
            return;
        } /* else that one client has gone already: take the next */
    }
}

static void close_connection(int fd)
{
    free(connections[fd].pending);
    connections[fd] = (struct connection){0};
    close(fd);
    set_accepting(true);
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EINTR;
}

static void keep_pending(int fd, const char *bytes, size_t length)
{
    struct connection *connection = &connections[fd];

    connection->pending = malloc(length);
    if (connection->pending == NULL)
        fail("malloc", ENOMEM);
    memcpy(connection->pending, bytes, length);
    connection->offset = 0;
    connection->length = length;
    watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
}

static void echo(int fd)
{
    ssize_t received = read(fd, read_buffer, READ_SIZE);
    if (received < 0 && would_block())
        return;
    if (received <= 0) {
        close_connection(fd);
        return;
    }

    ssize_t sent = send(fd, read_buffer, (size_t)received, MSG_NOSIGNAL);
    if (sent == received)
        return;
    if (sent < 0 && !would_block()) {
        close_connection(fd);
        return;
    }
    if (sent < 0)
        sent = 0;
    keep_pending(fd, read_buffer + sent, (size_t)(received - sent));
}

static void write_pending(int fd)
{
    struct connection *connection = &connections[fd];

    ssize_t sent = send(fd, connection->pending + connection->offset,
                        connection->length - connection->offset, MSG_NOSIGNAL);
    if (sent < 0) {
        if (!would_block())
            close_connection(fd);
        return;
    }
    connection->offset += (size_t)sent;
    if (connection->offset == connection->length) {
        free(connection->pending);
        *connection = (struct connection){0};
        watch(EPOLL_CTL_MOD, fd, EPOLLIN);
    }
}

int main(int argc, char **argv)
{
    struct epoll_event events[EVENTS_MAX];

    long port = argc == 2 ? parse_number(argv[1], 0, UINT16_MAX) : -1;
    if (port < 0)
        usage("epoll-echo PORT");

    exit_on_termination();
    raise_descriptor_limit();
    listener = listen_on_loopback((uint16_t)port, SOCK_NONBLOCK);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
        fail("epoll_create1", errno);
    watch(EPOLL_CTL_ADD, listener, EPOLLIN);
    announce(listener);

    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS_MAX, accepting ? -1 : ACCEPT_RETRY_MILLIS);
        if (count < 0 && errno != EINTR)
            fail("epoll_wait", errno);
        if (count == 0)
            set_accepting(true);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            /* Errors and hang-ups need no branch: the call that is due reports them. */
            if (fd == listener)
                accept_some();
            else if (connections[fd].pending != NULL)
                write_pending(fd);
            else
                echo(fd);
        }
    }
}
