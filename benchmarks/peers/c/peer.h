/*
 * What the C peers share: command line, listening, dying. Nothing that runs per request is here.
 */
#ifndef PEER_H
#define PEER_H

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    STATUS_FAILED = 1,
    STATUS_USAGE = 2,
    LISTEN_BACKLOG = 4096,
    /* Connections live in arrays indexed by descriptor; their untouched pages cost no memory. */
    DESCRIPTORS_MAX = 1 << 20,
};

static inline _Noreturn void usage(const char *text)
{
    fprintf(stderr, "usage: %s\n", text);
    exit(STATUS_USAGE);
}

static inline _Noreturn void fail(const char *what, int error)
{
    fprintf(stderr, "%s: %s\n", what, strerror(error));
    exit(STATUS_FAILED);
}

/* The whole number in text, or -1 where it is none or outside [low, high]. */
static inline long parse_number(const char *text, long low, long high)
{
    char *end;

    errno = 0;
    long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || value < low || value > high)
        return -1;
    return value;
}

static inline struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

/* The usual soft limit of 1024 descriptors is kept for select(2), which nobody uses here. */
static inline void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        fail("getrlimit", errno);
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        fail("setrlimit", errno);
}

static inline void exit_at_once(int signal)
{
    (void)signal;
    _exit(0);
}

/*
 * A server has nothing to save, and the kernel closes what it held. Leaving from the handler itself
 * has no race against a loop that is about to wait.
 */
static inline void exit_on_termination(void)
{
    struct sigaction action = {.sa_handler = exit_at_once};

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

/* TCP_NODELAY is set once, here: Linux hands it down to every socket that the listener accepts. */
static inline int listen_on_loopback(uint16_t port, int type_flags)
{
    struct sockaddr_in address = loopback(port);
    char what[64];
    int on = 1;

    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | type_flags, 0);
    if (listener < 0)
        fail("socket", errno);
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
        fail("setsockopt SO_REUSEADDR", errno);
    if (setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0)
        fail("setsockopt TCP_NODELAY", errno);
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0
        || listen(listener, LISTEN_BACKLOG) < 0) {
        int error = errno;
        snprintf(what, sizeof(what), "bind 127.0.0.1:%u", port);
        fail(what, error);
    }
    return listener;
}

/* The line that a script waits for. It carries the real port, so that PORT may be 0. */
static inline void announce(int listener)
{
    struct sockaddr_in address;
    socklen_t length = sizeof(address);

    if (getsockname(listener, (struct sockaddr *)&address, &length) < 0)
        fail("getsockname", errno);
    printf("listening on 127.0.0.1:%u\n", ntohs(address.sin_port));
    fflush(stdout);
}

#endif
