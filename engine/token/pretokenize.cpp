#include "engine/token/pretokenize.h"

#include <fmt/format.h>

#include <utility>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace sotto {

namespace {

struct MatchDataDeleter {
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};
using MatchData = std::unique_ptr<pcre2_match_data, MatchDataDeleter>;

std::string messageOf(int error) {
    PCRE2_UCHAR text[256];
    if (pcre2_get_error_message(error, text, sizeof text) < 0) return fmt::format("{}", error);
    return reinterpret_cast<const char*>(text);
}

// The JIT has a small stack of its own; a match that exceeds it is repeated by the interpreter,
// which uses the heap.
int matchAt(const pcre2_code* code, std::string_view subject, std::size_t offset,
            pcre2_match_data* data) {
    const auto* bytes = reinterpret_cast<PCRE2_SPTR>(subject.data());
    const int found =
        pcre2_match(code, bytes, subject.size(), offset, PCRE2_NO_UTF_CHECK, data, nullptr);
    if (found != PCRE2_ERROR_JIT_STACKLIMIT) return found;
    return pcre2_match(code, bytes, subject.size(), offset, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, data,
                       nullptr);
}

}  // namespace

struct PreTokenizer::Pattern {
    explicit Pattern(pcre2_code* compiled) : code(compiled) {}
    ~Pattern() { pcre2_code_free(code); }
    Pattern(const Pattern&) = delete;
    Pattern& operator=(const Pattern&) = delete;

    // Appends the pieces of one word: every match and every gap between matches.
    Status cut(std::string_view word, pcre2_match_data* data,
               std::vector<std::string_view>& pieces) const {
        std::size_t pieceStart = 0;
        std::size_t offset = 0;
        while (offset < word.size()) {
            const int found = matchAt(code, word, offset, data);
            if (found == PCRE2_ERROR_NOMATCH) break;
            if (found < 0) {
                return fail(ErrorCode::Internal, fmt::format("The text could not be cut into "
                                                             "words: {}.",
                                                             messageOf(found)));
            }
            const PCRE2_SIZE* bounds = pcre2_get_ovector_pointer(data);
            if (bounds[1] <= bounds[0]) break;  // no expression of the table matches nothing
            if (bounds[0] > pieceStart) {
                pieces.push_back(word.substr(pieceStart, bounds[0] - pieceStart));
            }
            pieces.push_back(word.substr(bounds[0], bounds[1] - bounds[0]));
            pieceStart = offset = bounds[1];
        }
        if (pieceStart < word.size()) pieces.push_back(word.substr(pieceStart));
        return {};
    }

    pcre2_code* code;
};

PreTokenizer::PreTokenizer() = default;
PreTokenizer::PreTokenizer(PreTokenizer&&) noexcept = default;
PreTokenizer& PreTokenizer::operator=(PreTokenizer&&) noexcept = default;
PreTokenizer::~PreTokenizer() = default;

Result<PreTokenizer> PreTokenizer::create(const PreTokenizerFamily& family) {
    PreTokenizer preTokenizer;
    for (const char* expression : family.patterns) {
        int error = 0;
        PCRE2_SIZE errorOffset = 0;
        // UCP: without it \s misses U+3000 and \p{…} of the models' own engines would differ.
        pcre2_code* code =
            pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression), PCRE2_ZERO_TERMINATED,
                          PCRE2_UTF | PCRE2_UCP, &error, &errorOffset, nullptr);
        if (code == nullptr) {
            return fail(ErrorCode::Internal,
                        fmt::format("A pre-tokenizer's expression is wrong at {}: {}.", errorOffset,
                                    messageOf(error)));
        }
        // Without JIT (not every platform has it) matching is slower, not different.
        (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
        preTokenizer.m_patterns.push_back(std::make_unique<Pattern>(code));
    }
    return preTokenizer;
}

Status PreTokenizer::split(std::string_view text, std::vector<std::string_view>& words) const {
    words.clear();
    if (text.empty()) return {};
    words.push_back(text);
    const MatchData data(pcre2_match_data_create(1, nullptr));
    if (!data) return fail(ErrorCode::OutOfMemory, "No memory to cut the text into words.");
    std::vector<std::string_view> pieces;
    for (const auto& pattern : m_patterns) {
        pieces.clear();
        for (const std::string_view word : words) {
            SOTTO_TRY(pattern->cut(word, data.get(), pieces));
        }
        words.swap(pieces);
    }
    return {};
}

}  // namespace sotto
