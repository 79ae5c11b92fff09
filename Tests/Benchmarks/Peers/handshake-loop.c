/*
 * Connections by OpenSSL with a client certificate: TCP, a TLS 1.3 handshake, one request, its answer.
 *
 *   handshake-loop file KEY-FILE CERTIFICATE CA PORT THREADS MILLISECONDS
 *   handshake-loop engine MODULE TOKEN KEY CERTIFICATE CA PORT THREADS MILLISECONDS
 *
 * The second form signs with a key on a PKCS#11 token through libp11's engine; the PIN is the environment variable
 * RAW_PKCS11_PIN. All threads share one SSL_CTX and its key.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "measure.h"

static SSL_CTX *context;
static int port;

static void check(int succeeded, const char *what) {
    if (succeeded) return;
    fprintf(stderr, "%s\n", what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static int converse(void *unused) {
    (void)unused;
    static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((unsigned short)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1, total = 0;
    int server = socket(AF_INET, SOCK_STREAM, 0);
    if (server < 0) return 1;
    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    SSL *connection = SSL_new(context);
    int failed = connect(server, (struct sockaddr *)&address, sizeof address) != 0 || SSL_set_fd(connection, server) != 1 ||
                 SSL_set_tlsext_host_name(connection, "localhost") != 1 || SSL_set1_host(connection, "localhost") != 1 ||
                 SSL_connect(connection) != 1 || SSL_write(connection, request, (int)strlen(request)) <= 0;
    if (!failed) {
        char answer[512];
        for (int got; (got = SSL_read(connection, answer, sizeof answer)) > 0;) total += got;
        SSL_shutdown(connection);
    }
    SSL_free(connection);
    close(server);
    return failed || total == 0;
}

int main(int count, char **arguments) {
    int is_engine = count == 10 && strcmp(arguments[1], "engine") == 0;
    if (!is_engine && !(count == 8 && strcmp(arguments[1], "file") == 0)) {
        fprintf(stderr, "usage: handshake-loop file KEY-FILE | engine MODULE TOKEN KEY, "
                        "CERTIFICATE CA PORT THREADS MILLISECONDS\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    char **rest = arguments + (is_engine ? 5 : 3);
    context = SSL_CTX_new(TLS_client_method());
    check(context != NULL, "SSL_CTX_new");
    check(SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION), "TLS 1.3");
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    check(SSL_CTX_load_verify_locations(context, rest[1], NULL), rest[1]);
    check(SSL_CTX_use_certificate_file(context, rest[0], SSL_FILETYPE_PEM), rest[0]);
    if (is_engine) {
        ENGINE_load_dynamic();
        ENGINE *engine = ENGINE_by_id("pkcs11");
        check(engine != NULL, "ENGINE_by_id: apt-get install libengine-pkcs11-openssl");
        check(ENGINE_ctrl_cmd_string(engine, "MODULE_PATH", arguments[2], 0), "MODULE_PATH");
        check(ENGINE_ctrl_cmd_string(engine, "PIN", getenv("RAW_PKCS11_PIN"), 0), "PIN");
        check(ENGINE_init(engine), "ENGINE_init");
        char url[256];
        snprintf(url, sizeof url, "pkcs11:token=%s;object=%s;type=private", arguments[3], arguments[4]);
        EVP_PKEY *key = ENGINE_load_private_key(engine, url, NULL, NULL);
        check(key != NULL, "ENGINE_load_private_key");
        check(SSL_CTX_use_PrivateKey(context, key), "SSL_CTX_use_PrivateKey");
    } else {
        check(SSL_CTX_use_PrivateKey_file(context, arguments[2], SSL_FILETYPE_PEM), arguments[2]);
    }
    port = atoi(rest[2]);
    int threads = atoi(rest[3]);
    check(threads >= 1 && threads <= MEASURE_MAXIMUM_THREADS, "THREADS");
    void *contexts[MEASURE_MAXIMUM_THREADS] = {0};
    return measure(threads, (unsigned)atoi(rest[4]), converse, contexts);
}
