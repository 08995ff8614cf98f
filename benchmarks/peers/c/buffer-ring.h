/*
 * The provided-buffer ring (Linux 5.19): free buffers lie in a ring shared with the kernel, which picks one
 * when bytes arrive. So no memory is tied to a connection that is not receiving.
 *
 *   slots, as the kernel sees them:   | taken | free | free | free | returned | returned |
 *                                               ^ the kernel's head           ^ tail, moved once a turn
 *
 * liburing 2.3 has no io_uring_setup_buf_ring: the ring is mapped and registered by hand.
 */
#ifndef BUFFER_RING_H
#define BUFFER_RING_H

#include "peer.h"

#include <liburing.h>
#include <sys/mman.h>

enum {
    BUFFERS = 4096, /* a power of two: slots are counted modulo it */
    BUFFER_SIZE = 4096,
    BUFFER_GROUP = 0,
};

static struct io_uring_buf_ring *buffer_ring;
static char *buffer_memory;
static uint16_t buffer_slots[BUFFERS]; /* by buffer: the slot where it lies, or lay last */
static int buffers_free;
static int buffers_returned; /* in the ring, not yet shown to the kernel */

static inline char *buffer_address(unsigned buffer)
{
    return buffer_memory + (size_t)buffer * BUFFER_SIZE;
}

static inline void give_back(unsigned buffer)
{
    buffer_slots[buffer] = (uint16_t)((buffer_ring->tail + buffers_returned) & (BUFFERS - 1));
    io_uring_buf_ring_add(buffer_ring, buffer_address(buffer), BUFFER_SIZE, (uint16_t)buffer,
                          BUFFERS - 1, buffers_returned);
    buffers_returned++;
    buffers_free++;
}

/* One release store a turn, however many buffers came back in it. */
static inline void show_returned_buffers(void)
{
    io_uring_buf_ring_advance(buffer_ring, buffers_returned);
    buffers_returned = 0;
}

/*
 * The next buffer of a completion, out of `*slot`, which starts at the slot of the buffer that it names and
 * moves on. Without bundles there is one; a bundle fills as many as it needs, in the ring's order. An entry
 * stays readable until its buffer is given back. `*length` is how many of `bytes` lie in this buffer; a
 * bundle may have cut the entry's length below BUFFER_SIZE, so the entry is asked.
 */
static inline uint16_t take_filled(unsigned *slot, size_t bytes, size_t *length)
{
    const struct io_uring_buf *entry = &buffer_ring->bufs[(*slot)++ & (BUFFERS - 1)];

    *length = bytes < entry->len ? bytes : entry->len;
    buffers_free--;
    return entry->bid;
}

static inline void *map_pages(size_t length)
{
    void *pages = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED)
        fail("mmap", errno);
    return pages;
}

static inline void open_buffer_ring(struct io_uring *ring)
{
    buffer_memory = map_pages((size_t)BUFFERS * BUFFER_SIZE);
    buffer_ring = map_pages(BUFFERS * sizeof(struct io_uring_buf));
    struct io_uring_buf_reg registration = {
        .ring_addr = (uintptr_t)buffer_ring,
        .ring_entries = BUFFERS,
        .bgid = BUFFER_GROUP,
    };

    int error = io_uring_register_buf_ring(ring, &registration, 0);
    if (error < 0)
        fail("io_uring_register_buf_ring", -error);
    io_uring_buf_ring_init(buffer_ring);
    for (unsigned buffer = 0; buffer < BUFFERS; buffer++)
        give_back(buffer);
    show_returned_buffers();
}

#endif
