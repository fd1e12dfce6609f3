#include "engine/schedule/token_places.h"

#include <string>

namespace sotto {

std::optional<std::vector<std::size_t>> tokenBeginnings(const Tokenizer& tokenizer,
                                                        std::string_view text,
                                                        std::span<const std::int32_t> tokens) {
    std::vector<std::size_t> begins;
    begins.reserve(tokens.size() + 1);
    std::size_t at = 0;
    for (std::size_t index = 0; index < tokens.size(); ++index) {
        begins.push_back(at);
        const std::string bytes = tokenizer.pieceBytes(tokens[index], true);
        const std::string_view rest = text.substr(at);
        if (rest.starts_with(bytes))
            at += bytes.size();
        else if (bytes.starts_with(' ') && rest.starts_with(bytes.substr(1)))
            at += bytes.size() - 1;  // a space that the tokenizer put in front of a word
        else if (index > 0 || tokens[index] != tokenizer.bosToken())
            return std::nullopt;
    }
    begins.push_back(at);
    if (at != text.size()) return std::nullopt;
    return begins;
}

}  // namespace sotto
