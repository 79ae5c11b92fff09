/*
 * What finding and listing cost without us, by the module's own function list.
 *
 *   raw-objects find MODULE TOKEN KEY MILLISECONDS
 *   raw-objects list MODULE TOKEN
 *
 * `find` searches for one private key by class and label, again and again, and prints medians. `list` prints class, label
 * and id of every object: handles in blocks of 512, then one C_GetAttributeValue for each.
 */
#include "measure.h"
#include "token.h"

#define BLOCK 512

typedef struct finder {
    CK_FUNCTION_LIST *functions;
    CK_SESSION_HANDLE session;
    const char *label;
} finder;

static int find_once(void *context) {
    finder *finder = context;
    find_key(finder->functions, finder->session, finder->label);
    return 0;
}

static int find(char **arguments) {
    finder finder = {.functions = load(arguments[0]), .label = arguments[2]};
    finder.session = open_session(finder.functions, find_slot(finder.functions, arguments[1]), 0);
    void *context = &finder;
    return measure(1, (unsigned)atoi(arguments[3]), find_once, &context);
}

static void print_object(CK_FUNCTION_LIST *functions, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
    CK_OBJECT_CLASS class = 0;
    unsigned char label[256], id[256];
    CK_ATTRIBUTE attributes[3] = {
        {CKA_CLASS, &class, sizeof class}, {CKA_LABEL, label, sizeof label}, {CKA_ID, id, sizeof id}};
    check(functions->C_GetAttributeValue(session, object, attributes, 3), "C_GetAttributeValue");
    printf("%lu\t%.*s\t", class, (int)attributes[1].ulValueLen, label);
    for (CK_ULONG i = 0; i < attributes[2].ulValueLen; i++) printf("%02x", id[i]);
    putchar('\n');
}

static int list(char **arguments) {
    CK_FUNCTION_LIST *functions = load(arguments[0]);
    CK_SESSION_HANDLE session = open_session(functions, find_slot(functions, arguments[1]), 0);
    CK_OBJECT_HANDLE *objects = NULL;
    CK_ULONG total = 0, count = 0;
    check(functions->C_FindObjectsInit(session, NULL, 0), "C_FindObjectsInit");
    do {
        objects = realloc(objects, (total + BLOCK) * sizeof *objects);
        if (objects == NULL) return 1;
        check(functions->C_FindObjects(session, objects + total, BLOCK, &count), "C_FindObjects");
        total += count;
    } while (count > 0);
    check(functions->C_FindObjectsFinal(session), "C_FindObjectsFinal");
    for (CK_ULONG i = 0; i < total; i++) print_object(functions, session, objects[i]);
    free(objects);
    functions->C_Finalize(NULL);
    return fflush(stdout);
}

int main(int count, char **arguments) {
    if (count == 6 && strcmp(arguments[1], "find") == 0) return find(arguments + 2);
    if (count == 4 && strcmp(arguments[1], "list") == 0) return list(arguments + 2);
    fprintf(stderr, "usage: raw-objects find|list ...\n");
    return 2;
}
