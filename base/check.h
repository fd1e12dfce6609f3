// SOTTO_CHECK: a programmer's error ends the program with a place and a sentence, in every build.
// SOTTO_DCHECK: the same in debug builds only, for hot paths.
//
// Never for user input: bytes of a file, rows of a database and prompts return a Result instead.
#pragma once

namespace sotto {

[[noreturn]] void checkFailed(const char* file, int line, const char* condition);

}  // namespace sotto

#define SOTTO_CHECK(condition)                                    \
    do {                                                          \
        if (!(condition)) [[unlikely]]                            \
            ::sotto::checkFailed(__FILE__, __LINE__, #condition); \
    } while (false)

#ifdef NDEBUG
#define SOTTO_DCHECK(condition) \
    do {                        \
    } while (false)
#else
#define SOTTO_DCHECK(condition) SOTTO_CHECK(condition)
#endif
