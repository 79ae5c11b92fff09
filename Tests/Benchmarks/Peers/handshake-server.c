/*
 * A TLS 1.3 server for handshake loops: requires a client certificate of one authority, answers each request with two bytes,
 * and closes. A thread for each connection; no session is ever resumed.
 *
 *   handshake-server CA CERTIFICATE KEY
 *
 * Prints the port it listens on at 127.0.0.1, and runs until it is killed.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
static SSL_CTX *context;

static void check(int succeeded, const char *what) {
    if (succeeded) return;
    fprintf(stderr, "%s\n", what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static void *serve(void *argument) {
    int client = (int)(long)argument;
    int yes = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    SSL *connection = SSL_new(context);
    char request[4096];
    if (connection != NULL && SSL_set_fd(connection, client) == 1 && SSL_accept(connection) == 1 &&
        SSL_read(connection, request, sizeof request) > 0) {
        SSL_write(connection, answer, (int)strlen(answer));
        SSL_shutdown(connection);
    }
    SSL_free(connection);
    close(client);
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: handshake-server CA CERTIFICATE KEY\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    context = SSL_CTX_new(TLS_server_method());
    check(context != NULL, "SSL_CTX_new");
    check(SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION), "TLS 1.3");
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    check(SSL_CTX_set_num_tickets(context, 0), "no tickets");
    check(SSL_CTX_load_verify_locations(context, arguments[1], NULL), arguments[1]);
    check(SSL_CTX_use_certificate_file(context, arguments[2], SSL_FILETYPE_PEM), arguments[2]);
    check(SSL_CTX_use_PrivateKey_file(context, arguments[3], SSL_FILETYPE_PEM), arguments[3]);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);

    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    check(listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0 &&
              listen(listener, 512) == 0 && getsockname(listener, (struct sockaddr *)&address, &length) == 0,
          "listen");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        pthread_t thread;
        if (client < 0) continue;
        if (pthread_create(&thread, NULL, serve, (void *)(long)client) != 0) {
            close(client);
            continue;
        }
        pthread_detach(thread);
    }
}
