// Template source → tokens, with Jinja's whitespace control already applied to the text between
// tags (trim_blocks and lstrip_blocks on, as chat templates are written for).
//
// First step of compileChatTemplate. Source: Jinja 3.1, "Template Designer Documentation",
// sections Whitespace Control, Escaping and Literals. Errors: TemplateFault with line and column.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/token/jinja/big_integer.h"

namespace sotto::jinja {

enum class TokenType : std::uint8_t {
    Text,
    OutputBegin,
    OutputEnd,
    BlockBegin,
    BlockEnd,
    Name,
    String,
    Integer,
    Float,
    Operator,
    End
};

struct Token {
    TokenType type = TokenType::End;
    std::string text;  // String: unescaped
    BigInteger integer;
    double real = 0;
    int line = 1;
    int column = 1;  // in bytes

    bool isName(std::string_view name) const { return type == TokenType::Name && text == name; }
    bool isOperator(std::string_view symbol) const {
        return type == TokenType::Operator && text == symbol;
    }
};

// Always ends with an End token.
std::vector<Token> tokenize(std::string_view source);

}  // namespace sotto::jinja
