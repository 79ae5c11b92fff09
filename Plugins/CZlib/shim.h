#ifndef KEYSTORE_CZLIB_SHIM_H
#define KEYSTORE_CZLIB_SHIM_H
#include <zlib.h>

/* Unpacks a gzip or zlib stream that stands whole in memory. The length of what came out, or -1 for a stream that is malformed,
 * cut short, or longer than the space. A function, because inflateInit2 is a macro, which Swift does not import. */
static inline long keystore_inflate(const unsigned char *in, unsigned in_count, unsigned char *out, unsigned out_count) {
    z_stream stream = {0};
    if (inflateInit2(&stream, 32 + MAX_WBITS) != Z_OK) return -1;
    stream.next_in = (unsigned char *)in;
    stream.avail_in = in_count;
    stream.next_out = out;
    stream.avail_out = out_count;
    int result = inflate(&stream, Z_FINISH);
    long length = (long)stream.total_out;
    inflateEnd(&stream);
    return result == Z_STREAM_END ? length : -1;
}
#endif
