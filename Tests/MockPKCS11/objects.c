/* Objects and their attributes. */
#include <stdlib.h>
#include <string.h>

#include "mock.h"

object *mock_object_new(void) { return calloc(1, sizeof(object)); }

void mock_object_free(object *object) {
    if (!object) return;
    for (size_t i = 0; i < object->count; i++) free(object->attributes[i].value);
    free(object->attributes);
    EVP_PKEY_free(object->key);
    free(object);
}

const attribute *mock_attribute(const object *object, CK_ATTRIBUTE_TYPE type) {
    for (size_t i = 0; i < object->count; i++)
        if (object->attributes[i].type == type) return &object->attributes[i];
    return NULL;
}

/* Memory that is short leaves the attribute out. */
void mock_set(object *object, CK_ATTRIBUTE_TYPE type, const void *value, size_t length) {
    if (!object || length > MAXIMUM_VALUE) return;
    uint8_t *copy = malloc(length > 0 ? length : 1);
    if (!copy) return;
    if (length > 0) memcpy(copy, value, length);
    mock_unset(object, type);
    if (object->count >= MAXIMUM_ATTRIBUTES) {
        free(copy);
        return;
    }
    if (object->count % 16 == 0) {
        attribute *more = realloc(object->attributes, (object->count + 16) * sizeof *more);
        if (!more) {
            free(copy);
            return;
        }
        object->attributes = more;
    }
    object->attributes[object->count++] = (attribute){type, copy, length};
}

void mock_set_number(object *object, CK_ATTRIBUTE_TYPE type, CK_ULONG number) { mock_set(object, type, &number, sizeof number); }

void mock_set_flag(object *object, CK_ATTRIBUTE_TYPE type, bool flag) {
    CK_BBOOL byte = flag ? 1 : 0;
    mock_set(object, type, &byte, sizeof byte);
}

void mock_unset(object *object, CK_ATTRIBUTE_TYPE type) {
    if (!object) return;
    for (size_t i = 0; i < object->count; i++) {
        if (object->attributes[i].type != type) continue;
        free(object->attributes[i].value);
        /* The last one takes the place. Memory is kept in steps of sixteen, so that it never has to shrink. */
        object->attributes[i] = object->attributes[--object->count];
        if (object->count % 16 == 0 && object->count > 0) {
            /* The next one grows the memory again, from what is in use now. */
            attribute *less = realloc(object->attributes, object->count * sizeof *less);
            if (less) object->attributes = less;
        }
        return;
    }
}

bool mock_flag(const object *object, CK_ATTRIBUTE_TYPE type, bool otherwise) {
    const attribute *found = mock_attribute(object, type);
    return found && found->length == 1 ? found->value[0] != 0 : otherwise;
}

CK_ULONG mock_number(const object *object, CK_ATTRIBUTE_TYPE type, CK_ULONG otherwise) {
    const attribute *found = mock_attribute(object, type);
    CK_ULONG number;
    if (!found || found->length != sizeof number) return otherwise;
    memcpy(&number, found->value, sizeof number);
    return number;
}

CK_OBJECT_CLASS mock_class(const object *object) { return mock_number(object, CKA_CLASS, (CK_ULONG)-1); }

bool mock_copy_template(const CK_ATTRIBUTE *from, CK_ULONG count, CK_ATTRIBUTE **into) {
    CK_ATTRIBUTE *copy = calloc(count > 0 ? count : 1, sizeof *copy);
    if (!copy) return false;
    for (CK_ULONG i = 0; i < count; i++) {
        copy[i].type = from[i].type;
        if (from[i].ulValueLen > MAXIMUM_VALUE || (from[i].ulValueLen > 0 && !from[i].pValue)
            || !(copy[i].pValue = malloc(from[i].ulValueLen + 1))) {
            mock_free_template(copy, count);
            return false;
        }
        if (from[i].ulValueLen > 0) memcpy(copy[i].pValue, from[i].pValue, from[i].ulValueLen);
        copy[i].ulValueLen = from[i].ulValueLen;
    }
    *into = copy;
    return true;
}

void mock_free_template(CK_ATTRIBUTE *attributes, CK_ULONG count) {
    if (!attributes) return;
    for (CK_ULONG i = 0; i < count; i++) free(attributes[i].pValue);
    free(attributes);
}
