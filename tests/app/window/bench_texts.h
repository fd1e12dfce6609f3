// Texts of a given size for chat_window_bench, the same at every call. Plain ASCII, so that a byte
// is a character and an answer may be cut anywhere into tokens.
#pragma once

#include <cstddef>
#include <string>

namespace sotto::app {

std::string words(std::size_t nBytes);               // one paragraph
std::string paragraphs(std::size_t nBytes);          // of 400 characters, as a long document
std::string codeBlock(int nLines);                   // fenced C++
std::string codeOfSize(std::size_t nBytes);          // a fenced block that is still open
std::string table(int nRows);                        // four columns, some bold and code
std::string mixedAnswer(std::size_t nBytes);         // prose, lists, code, tables and formulas
std::string numbered(const char* word, int number);  // "word 7"

}  // namespace sotto::app
