/* The floor: the same bytes as the mock for the benchmarks, and nothing behind them.
 *
 * One thread, epoll. It mints the same token for everybody, opens every WebSocket, answers a setup, and a turn
 * with the bytes of a file; all else it reads and forgets. Nothing is checked: no mask, no JSON, no key.
 *
 *     floor PORT FILE [--wrong]     --wrong spoils every answer, to prove that this is seen
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HELD = 1 << 17, OPEN_MAX = 1 << 16 };

typedef struct {
    int open;    /* 1 once it is a WebSocket */
    int set_up;  /* 1 once a setup was answered */
    size_t have; /* bytes that wait in held */
    char *held;
} Connection;

static Connection *connections[OPEN_MAX];
static char scratch[HELD], *burst;
static size_t burst_bytes;
static int wrong;

/* -- SHA-1 and base64, for Sec-WebSocket-Accept ------------------------------------------------------------- */

static uint32_t rol(uint32_t x, int n) { return x << n | x >> (32 - n); }

static void sha1(const char *text, size_t length, uint8_t out[20]) {
    uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    uint8_t padded[128] = {0};
    size_t whole = length + 9 > 64 ? 128 : 64;
    memcpy(padded, text, length);
    padded[length] = 0x80;
    for (int i = 0; i < 8; i++) padded[whole - 1 - i] = (uint8_t)((uint64_t)length * 8 >> 8 * i);
    for (uint8_t *block = padded; block < padded + whole; block += 64) {
        uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
        for (int i = 0; i < 16; i++)
            w[i] = (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 | block[4 * i + 3];
        for (int i = 16; i < 80; i++) w[i] = rol(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        for (int i = 0; i < 80; i++) {
            uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
            uint32_t k = i < 20 ? 0x5A827999 : i < 40 ? 0x6ED9EBA1 : i < 60 ? 0x8F1BBCDC : 0xCA62C1D6;
            uint32_t t = rol(a, 5) + f + e + k + w[i];
            e = d, d = c, c = rol(b, 30), b = a, a = t;
        }
        h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
    }
    for (int i = 0; i < 20; i++) out[i] = (uint8_t)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static void accept_key(const char *key, size_t length, char out[29]) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char text[100];
    uint8_t hash[21] = {0};
    memcpy(text, key, length);
    strcpy(text + length, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    sha1(text, length + 36, hash);
    for (int i = 0; i < 7; i++) {
        uint32_t three = (uint32_t)hash[3 * i] << 16 | hash[3 * i + 1] << 8 | hash[3 * i + 2];
        for (int j = 0; j < 4; j++) out[4 * i + j] = digits[three >> (18 - 6 * j) & 63];
    }
    out[27] = '=', out[28] = 0;
}

/* -- connections -------------------------------------------------------------------------------------------- */

static void say(int fd, const char *data, size_t length) {
    while (length) {
        ssize_t sent = send(fd, data, length, MSG_NOSIGNAL); /* blocking: a slow reader holds up all */
        if (sent <= 0) return;
        data += sent, length -= (size_t)sent;
    }
}

static void forget(int fd) {
    free(connections[fd]->held);
    free(connections[fd]);
    connections[fd] = NULL;
    close(fd);
}

/* One request or handshake; the bytes taken, 0 where more must come. */
static size_t take_request(int fd, Connection *c, char *data, size_t length) {
    static char token[] =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\nContent-Length: 93\r\n\r\n"
        "{\n  \"name\": \"auth_tokens/0000000000000000000000000000000000000000000000000000000000000000\"\n}\n";
    char answer[256], accepted[29];
    char *end = memmem(data, length, "\r\n\r\n", 4);
    if (!end) return 0;
    *end = 0;
    char *key = strcasestr(data, "\r\nsec-websocket-key:"), *body = strcasestr(data, "\r\ncontent-length:");
    *end = '\r';
    size_t taken = (size_t)(end - data) + 4;
    if (key) {
        key += 20 + (key[20] == ' ');
        accept_key(key, strcspn(key, "\r"), accepted);
        if (wrong) accepted[0] ^= 1;
        say(fd, answer, (size_t)sprintf(answer, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accepted));
        c->open = 1;
        return taken;
    }
    taken += body ? strtoul(body + 17, NULL, 10) : 0;
    if (taken > length) return 0;
    if (wrong) token[9] = '5'; /* 500, not 200 */
    say(fd, token, sizeof token - 1);
    return taken;
}

/* One frame of a client; the bytes taken, 0 where more must come, -1 once it is over. */
static ssize_t take_frame(int fd, Connection *c, char *data, size_t length) {
    static const char complete[] = "\x82\x1a{\n  \"setupComplete\": {}\n}\n";
    if (length < 2) return 0;
    uint8_t opcode = data[0] & 15, small = data[1] & 127;
    size_t head = small < 126 ? 6 : small == 126 ? 8 : 14, size = small;
    if (length < head) return 0;
    if (small == 126) size = (size_t)(uint8_t)data[2] << 8 | (uint8_t)data[3];
    if (small == 127) for (int i = size = 0; i < 8; i++) size = size << 8 | (uint8_t)data[2 + i];
    if (head + size > length) return 0;
    if (opcode == 8 || opcode == 9) {
        char *mask = data + head - 4, reply[2 + 125];
        reply[0] = (char)(opcode == 8 ? 0x88 : 0x8A), reply[1] = (char)small;
        for (size_t i = 0; i < size; i++) reply[2 + i] = data[head + i] ^ mask[i % 4];
        say(fd, reply, 2 + size);
        return opcode == 8 ? -1 : (ssize_t)(head + size);
    }
    if (!c->set_up) {
        say(fd, complete, sizeof complete - 1);
        c->set_up = 1;
    } else if (size < 200) {
        say(fd, burst, burst_bytes); /* a turn is short, a message with audio is not */
    }
    return (ssize_t)(head + size);
}

static void receive(int fd) {
    Connection *c = connections[fd];
    memcpy(scratch, c->held, c->have);
    ssize_t got = recv(fd, scratch + c->have, HELD - c->have, 0);
    if (got <= 0) { forget(fd); return; }
    size_t length = c->have + (size_t)got, at = 0;
    while (at < length) {
        ssize_t taken = c->open ? take_frame(fd, c, scratch + at, length - at)
                                : (ssize_t)take_request(fd, c, scratch + at, length - at);
        if (taken < 0) { forget(fd); return; }
        if (taken == 0) break;
        at += (size_t)taken;
    }
    c->have = length - at;
    c->held = realloc(c->held, c->have ? c->have : 1);
    memcpy(c->held, scratch + at, c->have);
}

int main(int argc, char **argv) {
    int one = 1, listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), watching = epoll_create1(0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (argc < 3) return 2;
    address.sin_port = htons((uint16_t)atoi(argv[1]));
    wrong = argc > 3 && !strcmp(argv[3], "--wrong");
    FILE *file = fopen(argv[2], "rb");
    if (!file) return 1;
    fseek(file, 0, SEEK_END);
    burst_bytes = (size_t)ftell(file);
    burst = malloc(burst_bytes + 1);
    rewind(file);
    if (fread(burst, 1, burst_bytes, file) != burst_bytes) return 1;
    if (wrong && burst_bytes) burst[burst_bytes - 1] ^= 1;
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listening, (struct sockaddr *)&address, sizeof address) || listen(listening, 1024)) return 1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listening}, ready[256];
    epoll_ctl(watching, EPOLL_CTL_ADD, listening, &event);
    for (;;) {
        int count = epoll_wait(watching, ready, 256, -1);
        for (int i = 0; i < count; i++) {
            if (ready[i].data.fd != listening) { receive(ready[i].data.fd); continue; }
            int fd = accept4(listening, NULL, NULL, 0);
            if (fd < 0) continue;
            if (fd >= OPEN_MAX) { close(fd); continue; }
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            connections[fd] = calloc(1, sizeof(Connection));
            connections[fd]->held = malloc(1);
            event.data.fd = fd;
            epoll_ctl(watching, EPOLL_CTL_ADD, fd, &event);
        }
    }
}
