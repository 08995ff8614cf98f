/*
 * epoll-load PORT CONNECTIONS SIZE WARMUP_SECONDS SECONDS: a closed-loop echo client, one thread.
 *
 * Kernel features: epoll, level-triggered. Floor: Linux 2.6.27.
 *
 * Try it:  target/epoll-echo 7000 &  target/epoll-load 7000 64 64 1 3
 *
 * Each connection sends SIZE bytes, reads until SIZE bytes are back, and sends again. A closed loop slows
 * down with its server: its latencies are service times, and no answer to "what at a given rate".
 * It does not look at the bytes, only at their number.
 */
#define _GNU_SOURCE
#include "peer.h"

#include <stdbool.h>
#include <sys/epoll.h>
#include <time.h>

enum {
    EVENTS_MAX = 512,
    READ_SIZE = 256 * 1024,
    CONNECTIONS_MAX = 1000000,
    SIZE_MAX_BYTES = 1 << 30,
    SECONDS_MAX = 86400,
    /* Log-linear: every power of two in 32 steps, so that a value is known to 3 per cent. */
    STEP_BITS = 5,
    STEPS = 1 << STEP_BITS,
    BUCKETS = (64 - STEP_BITS + 1) * STEPS,
};

static const int64_t NANOS = 1000000000;

struct connection {
    int64_t started; /* when this request's first byte was due */
    uint32_t sent;
    uint32_t received;
    int fd;
    bool wants_out;
};

static uint64_t histogram[BUCKETS];
static uint64_t requests;
static bool measuring;
static uint32_t size;
static char *payload;
static char sink[READ_SIZE];
static int epoll;

static int64_t now_nanos(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * NANOS + time.tv_nsec;
}

static double own_cpu_seconds(void)
{
    struct rusage use;

    getrusage(RUSAGE_SELF, &use);
    return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec)
        + (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
}

static void record(uint64_t nanos)
{
    int top = nanos == 0 ? 0 : 63 - __builtin_clzll(nanos);
    int shift = top > STEP_BITS ? top - STEP_BITS : 0;

    histogram[(uint64_t)shift * STEPS + (nanos >> shift)]++;
}

/* The upper edge of the bucket: rounded against the server, never for it. */
static uint64_t percentile(double share)
{
    uint64_t wanted = (uint64_t)(share * (double)requests);
    uint64_t seen = 0;
    uint64_t index = 0;

    if (wanted == 0)
        wanted = 1;
    while ((seen += histogram[index]) < wanted)
        index++;
    if (index < 2 * STEPS)
        return index;
    uint64_t shift = index / STEPS - 1;
    return ((index % STEPS + STEPS + 1) << shift) - 1;
}

static _Noreturn void lost(const char *why)
{
    fprintf(stderr, "a connection died: %s\n", why);
    exit(STATUS_FAILED);
}

static void watch(int operation, struct connection *connection, bool wants_out)
{
    struct epoll_event event = {
        .events = EPOLLIN | (wants_out ? (uint32_t)EPOLLOUT : 0),
        .data.ptr = connection,
    };

    if (epoll_ctl(epoll, operation, connection->fd, &event) < 0)
        fail("epoll_ctl", errno);
    connection->wants_out = wants_out;
}

static void send_more(struct connection *connection)
{
    ssize_t sent = send(connection->fd, payload + connection->sent, size - connection->sent,
                        MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        lost(strerror(errno));
    if (sent > 0)
        connection->sent += (uint32_t)sent;

    bool wants_out = connection->sent < size;
    if (wants_out != connection->wants_out)
        watch(EPOLL_CTL_MOD, connection, wants_out);
}

static void receive_more(struct connection *connection)
{
    uint32_t due = size - connection->received;
    ssize_t received = recv(connection->fd, sink, due < READ_SIZE ? due : READ_SIZE, MSG_DONTWAIT);
    if (received == 0)
        lost("closed by the server");
    if (received < 0) {
        if (errno != EAGAIN && errno != EINTR)
            lost(strerror(errno));
        return;
    }
    connection->received += (uint32_t)received;
    if (connection->received < size)
        return;

    /* One look at the clock a request: it ends this one and starts the next. */
    int64_t now = now_nanos();
    if (measuring) {
        requests++;
        record((uint64_t)(now - connection->started));
    }
    connection->started = now;
    connection->sent = 0;
    connection->received = 0;
    send_more(connection);
}

static void open_connection(struct connection *connection, uint16_t port)
{
    struct sockaddr_in address = loopback(port);
    char what[64];
    int on = 1;

    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0)
        fail("socket", errno);
    if (connect(connection->fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        int error = errno;
        snprintf(what, sizeof(what), "connect 127.0.0.1:%u", port);
        fail(what, error);
    }
    if (setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0)
        fail("setsockopt TCP_NODELAY", errno);
    watch(EPOLL_CTL_ADD, connection, false);
}

/* One turn of the loop; waits until `until` at the latest. */
static void turn(int64_t until)
{
    struct epoll_event events[EVENTS_MAX];

    int64_t left = until - now_nanos();
    int millis = left <= 0 ? 0 : (int)(left / 1000000) + 1;
    int count = epoll_wait(epoll, events, EVENTS_MAX, millis);
    if (count < 0 && errno != EINTR)
        fail("epoll_wait", errno);
    for (int i = 0; i < count; i++) {
        struct connection *connection = events[i].data.ptr;
        if (events[i].events & EPOLLOUT)
            send_more(connection);
        if (events[i].events & ~(uint32_t)EPOLLOUT)
            receive_more(connection);
    }
}

static double parse_seconds(const char *text)
{
    char *end;
    double seconds = strtod(text, &end);

    return end != text && *end == '\0' && seconds >= 0 && seconds <= SECONDS_MAX ? seconds : -1;
}

/*
 * CPU time of the server: read here, so that connecting and closing are in neither end of the
 * measured window. 0 where no server is named.
 */
static double server_cpu_seconds(pid_t pid)
{
    clockid_t clock;
    struct timespec used;

    if (pid == 0)
        return 0;
    int error = clock_getcpuclockid(pid, &clock);
    if (error != 0)
        fail("clock_getcpuclockid", error);
    if (clock_gettime(clock, &used) < 0)
        fail("clock_gettime", errno);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    const char *help = "epoll-load PORT CONNECTIONS SIZE WARMUP_SECONDS SECONDS [SERVER_PID]";
    if (argc != 6 && argc != 7)
        usage(help);
    long port = parse_number(argv[1], 1, UINT16_MAX);
    long count = parse_number(argv[2], 1, CONNECTIONS_MAX);
    long size_bytes = parse_number(argv[3], 1, SIZE_MAX_BYTES);
    double warmup_seconds = parse_seconds(argv[4]);
    double seconds = parse_seconds(argv[5]);
    long server = argc == 7 ? parse_number(argv[6], 1, INT32_MAX) : 0;
    if (port < 0 || count < 0 || size_bytes < 0 || warmup_seconds < 0 || seconds <= 0 || server < 0)
        usage(help);

    raise_descriptor_limit();
    size = (uint32_t)size_bytes;
    payload = malloc(size);
    struct connection *connections = calloc((size_t)count, sizeof(*connections));
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (payload == NULL || connections == NULL || epoll < 0)
        fail("start", errno);
    memset(payload, 'h', size);

    for (long i = 0; i < count; i++)
        open_connection(&connections[i], (uint16_t)port);
    for (long i = 0; i < count; i++) {
        connections[i].started = now_nanos();
        send_more(&connections[i]);
    }

    int64_t start = now_nanos() + (int64_t)(warmup_seconds * 1e9);
    while (now_nanos() < start)
        turn(start);
    start = now_nanos();
    double cpu_start = own_cpu_seconds();
    double server_start = server_cpu_seconds((pid_t)server);
    measuring = true;
    int64_t end = start + (int64_t)(seconds * 1e9);
    while (now_nanos() < end)
        turn(end);
    double measured = (double)(now_nanos() - start) / 1e9;
    double cpu = own_cpu_seconds() - cpu_start;
    double server_cpu = server_cpu_seconds((pid_t)server) - server_start;

    if (requests == 0) {
        fprintf(stderr, "no request of %u bytes came back in %.3f seconds\n", size, measured);
        return STATUS_FAILED;
    }
    printf("{\"requests\":%lu,\"seconds\":%.6f,\"requests_per_second\":%.1f,\"cpu_seconds\":%.6f,"
           "\"server_cpu_seconds\":%.6f,\"p50_ns\":%lu,\"p99_ns\":%lu}\n",
           requests, measured, (double)requests / measured, cpu, server_cpu, percentile(0.50),
           percentile(0.99));
    free(connections);
    free(payload);
    return 0;
}
