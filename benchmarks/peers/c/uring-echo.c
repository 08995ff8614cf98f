/*
 * uring-echo PORT: a TCP echo server, one thread, completions. The opponent to beat.
 *
 * Kernel features, all on one ring:
 *   multishot accept, provided-buffer ring     Linux 5.19
 *   multishot recv                             Linux 6.0
 *   SINGLE_ISSUER, DEFER_TASKRUN               Linux 6.0, 6.1
 *   recv bundles                               Linux 6.10, used where the kernel has them
 * Floor: Linux 6.1. There is no fallback: epoll-echo is the peer for older kernels.
 *
 * Try it:  target/uring-echo 7000 &  target/epoll-load 7000 64 64 1 3
 *
 * The bytes go out of the buffer that they came in, and it returns to the ring when its send completes.
 * A connection has one send in flight at most, which keeps its bytes in order; what arrives meanwhile
 * queues up and leaves together in the next send.
 */
#define _GNU_SOURCE
#include "buffer-ring.h"
#include "peer.h"

#include <liburing.h>
#include <stdbool.h>

/* Newer than Debian's liburing 2.3; both from Linux 6.10. */
#ifndef IORING_RECVSEND_BUNDLE
#define IORING_RECVSEND_BUNDLE (1U << 4)
#endif
#ifndef IORING_FEAT_RECVSEND_BUNDLE
#define IORING_FEAT_RECVSEND_BUNDLE (1U << 14)
#endif

enum {
    SQ_ENTRIES = 1024,
    CQ_ENTRIES = 16384,
    PARTS_MAX = 64, /* buffers in one send */
    HELD_HIGH = 256, /* a client that does not read may hold that many buffers, then is not read */
    HELD_LOW = HELD_HIGH / 2,
    ACCEPT_RETRY_NANOS = 100 * 1000 * 1000,
};

/*
 * user_data:   63          32 31           0
 *             +--------------+--------------+
 *             |  operation   |  descriptor  |
 *             +--------------+--------------+
 */
enum operation { ACCEPT, ACCEPT_RETRY, RECEIVE, CANCEL, SEND };

static uint64_t encode(enum operation operation, int fd)
{
    return (uint64_t)operation << 32 | (uint32_t)fd;
}

static enum operation operation_of(uint64_t user_data)
{
    return (enum operation)(user_data >> 32);
}

static int descriptor_of(uint64_t user_data)
{
    return (int)(uint32_t)user_data;
}

/* Closed only when nothing is in flight for it, so that no completion meets the descriptor's next user. */
struct connection {
    uint16_t head, tail; /* the queue of held buffers, oldest first; valid while held > 0 */
    uint16_t held;
    uint16_t sent; /* bytes of the head that have gone */
    int next_starved;
    bool receiving, cancelling, starved, sending, ended;
};

static struct connection connections[DESCRIPTORS_MAX]; /* by descriptor */
static struct {
    uint16_t next; /* in its connection's queue */
    uint16_t length;
} filled[BUFFERS];
static int starved_head = -1, starved_tail = -1; /* those who found no buffer: first come, first served */
static struct io_uring ring;
static unsigned receive_flags = IORING_RECV_MULTISHOT;
static int listener;

/* The kernel reads a sendmsg's header and vector when it is submitted, so each SQE slot has one pair. */
static struct {
    struct msghdr header;
    struct iovec parts[PARTS_MAX];
} messages[SQ_ENTRIES];

static void check_submitted(int result)
{
    if (result < 0 && result != -EINTR && result != -EAGAIN && result != -EBUSY)
        fail("io_uring_enter", -result);
}

static struct io_uring_sqe *next_sqe(void)
{
    struct io_uring_sqe *sqe;

    while ((sqe = io_uring_get_sqe(&ring)) == NULL)
        check_submitted(io_uring_submit(&ring));
    return sqe;
}

static void submit_accept(void)
{
    struct io_uring_sqe *sqe = next_sqe();

    io_uring_prep_multishot_accept(sqe, listener, NULL, NULL, SOCK_CLOEXEC);
    sqe->user_data = encode(ACCEPT, listener);
}

static void submit_accept_retry(void)
{
    static struct __kernel_timespec delay = {.tv_nsec = ACCEPT_RETRY_NANOS};
    struct io_uring_sqe *sqe = next_sqe();

    io_uring_prep_timeout(sqe, &delay, 0, 0);
    sqe->user_data = encode(ACCEPT_RETRY, listener);
}

static void submit_receive(int fd)
{
    struct io_uring_sqe *sqe = next_sqe();

    io_uring_prep_recv(sqe, fd, NULL, 0, 0);
    sqe->ioprio = (uint16_t)receive_flags;
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = BUFFER_GROUP;
    sqe->user_data = encode(RECEIVE, fd);
    connections[fd].receiving = true;
}

static void submit_cancel(int fd)
{
    struct io_uring_sqe *sqe = next_sqe();

    io_uring_prep_cancel64(sqe, encode(RECEIVE, fd), 0);
    sqe->user_data = encode(CANCEL, fd);
    connections[fd].cancelling = true;
}

/* MSG_WAITALL lets the kernel finish a short send by itself, without a round trip through this loop. */
static void submit_send(int fd)
{
    const int flags = MSG_NOSIGNAL | MSG_WAITALL;
    struct connection *connection = &connections[fd];
    struct io_uring_sqe *sqe = next_sqe();
    unsigned buffer = connection->head;
    char *start = buffer_address(buffer) + connection->sent;
    size_t length = (size_t)(filled[buffer].length - connection->sent);

    if (connection->held == 1) {
        io_uring_prep_send(sqe, fd, start, length, flags);
    } else {
        struct msghdr *header = &messages[sqe - ring.sq.sqes].header;
        struct iovec *parts = messages[sqe - ring.sq.sqes].parts;
        unsigned count = connection->held < PARTS_MAX ? connection->held : PARTS_MAX;

        parts[0] = (struct iovec){start, length};
        for (unsigned i = 1; i < count; i++) {
            buffer = filled[buffer].next;
            parts[i] = (struct iovec){buffer_address(buffer), filled[buffer].length};
        }
        *header = (struct msghdr){.msg_iov = parts, .msg_iovlen = count};
        io_uring_prep_sendmsg(sqe, fd, header, (unsigned)flags);
    }
    sqe->user_data = encode(SEND, fd);
    connection->sending = true;
}

static void hold(struct connection *connection, uint16_t buffer, size_t length)
{
    filled[buffer].length = (uint16_t)length;
    if (connection->held++ == 0)
        connection->head = buffer;
    else
        filled[connection->tail].next = buffer;
    connection->tail = buffer;
}

static void drop_head(struct connection *connection)
{
    unsigned buffer = connection->head;

    connection->head = filled[buffer].next;
    connection->held--;
    connection->sent = 0;
    give_back(buffer);
}

static void starve(int fd)
{
    connections[fd].starved = true;
    connections[fd].next_starved = -1;
    if (starved_head < 0)
        starved_head = fd;
    else
        connections[starved_tail].next_starved = fd;
    starved_tail = fd;
}

/* Does whatever the connection's state asks for; called after each of its completions. */
static void proceed(int fd)
{
    struct connection *connection = &connections[fd];

    if (connection->held > 0 && !connection->sending)
        submit_send(fd);
    if (connection->receiving) {
        if (connection->held >= HELD_HIGH && !connection->cancelling)
            submit_cancel(fd);
    } else if (!connection->ended) {
        if (!connection->starved && connection->held <= HELD_LOW)
            submit_receive(fd);
    } else if (!connection->sending && !connection->starved) {
        *connection = (struct connection){0};
        close(fd);
    }
}

/* Re-arms as many as there are buffers: more would only come back with ENOBUFS. */
static void feed_starved(void)
{
    for (int left = buffers_free; left > 0 && starved_head >= 0; left--) {
        int fd = starved_head;
        starved_head = connections[fd].next_starved;
        connections[fd].starved = false;
        proceed(fd);
    }
}

static void on_accepted(int result, unsigned flags)
{
    if (result >= 0)
        proceed(result);
    if (flags & IORING_CQE_F_MORE)
        return;
    /* Out of descriptors the next accept would fail at once, and so on: a loop that spins. */
    if (result == -EMFILE || result == -ENFILE || result == -ENOMEM || result == -ENOBUFS)
        submit_accept_retry();
    else
        submit_accept();
}

static void on_received(int fd, int result, unsigned flags)
{
    struct connection *connection = &connections[fd];

    if (flags & IORING_CQE_F_BUFFER) {
        unsigned slot = buffer_slots[flags >> IORING_CQE_BUFFER_SHIFT];
        size_t left = result > 0 ? (size_t)result : 0;
        do { /* at least once: a failed or final recv may hand over a buffer with nothing in it */
            size_t length;
            uint16_t buffer = take_filled(&slot, left, &length);
            if (length > 0)
                hold(connection, buffer, length);
            else
                give_back(buffer);
            left -= length;
        } while (left > 0);
    }
    if (!(flags & IORING_CQE_F_MORE)) {
        connection->receiving = false;
        connection->cancelling = false;
        if (result == -ENOBUFS)
            starve(fd);
        else if (result <= 0 && result != -ECANCELED)
            connection->ended = true;
    }
    proceed(fd);
}

static void on_sent(int fd, int result)
{
    struct connection *connection = &connections[fd];

    connection->sending = false;
    if (result < 0) {
        while (connection->held > 0)
            drop_head(connection);
        connection->ended = true;
        shutdown(fd, SHUT_RDWR); /* ends a recv that is still armed */
    }
    while (result > 0) {
        int left = filled[connection->head].length - connection->sent;
        if (result < left) {
            connection->sent = (uint16_t)(connection->sent + result);
            break;
        }
        result -= left;
        drop_head(connection);
    }
    proceed(fd);
}

static void on_completion(const struct io_uring_cqe *cqe)
{
    int fd = descriptor_of(cqe->user_data);

    switch (operation_of(cqe->user_data)) {
    case ACCEPT:
        on_accepted(cqe->res, cqe->flags);
        break;
    case ACCEPT_RETRY:
        submit_accept();
        break;
    case RECEIVE:
        on_received(fd, cqe->res, cqe->flags);
        break;
    case CANCEL: /* the recv's own completion tells the rest */
        break;
    case SEND:
        on_sent(fd, cqe->res);
        break;
    }
}

static void open_ring(void)
{
    struct io_uring_params parameters = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE
            | IORING_SETUP_SUBMIT_ALL,
        .cq_entries = CQ_ENTRIES,
    };

    int error = io_uring_queue_init_params(SQ_ENTRIES, &ring, &parameters);
    if (error < 0)
        fail("io_uring_setup (needs Linux 6.1 and kernel.io_uring_disabled=0)", -error);
    if (parameters.features & IORING_FEAT_RECVSEND_BUNDLE)
        receive_flags |= IORING_RECVSEND_BUNDLE;
    io_uring_register_ring_fd(&ring); /* spares a descriptor look-up per enter; optional */
    open_buffer_ring(&ring);
}

int main(int argc, char **argv)
{
    long port = argc == 2 ? parse_number(argv[1], 0, UINT16_MAX) : -1;
    if (port < 0)
        usage("uring-echo PORT");

    exit_on_termination();
    raise_descriptor_limit();
    listener = listen_on_loopback((uint16_t)port, 0);
    open_ring();
    submit_accept();
    announce(listener);

    for (;;) {
        struct io_uring_cqe *cqe;
        unsigned head, seen = 0;

        check_submitted(io_uring_submit_and_wait(&ring, 1));
        io_uring_for_each_cqe(&ring, head, cqe) {
            on_completion(cqe);
            seen++;
        }
        io_uring_cq_advance(&ring, seen);
        feed_starved();
        show_returned_buffers();
    }
}
