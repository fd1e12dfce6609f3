#include "tests/app/window/bench_texts.h"

#include <array>

namespace sotto::app {
namespace {

constexpr std::array kWords = {"water", "of",    "the",   "harbour", "reads", "a",     "letter",
                               "which", "seven", "ships", "carry",   "under", "quiet", "stars"};

std::string line(int number) {
    switch (number % 5) {
        case 0: return "// Step " + std::to_string(number) + " of the sum.\n";
        case 1:
            return "    const double value" + std::to_string(number) + " = compute(\"part\", " +
                   std::to_string(number) + ");\n";
        case 2: return "    if (value > 0.5 && !isDone) return fail(ErrorCode::Damaged);\n";
        case 3: return "    total += static_cast<int>(value) * 3;  /* weighed */\n";
        default: return "\n";
    }
}

}  // namespace

std::string numbered(const char* word, int number) { return word + (" " + std::to_string(number)); }

std::string words(std::size_t nBytes) {
    std::string text;
    for (std::size_t index = 0; text.size() < nBytes; ++index) {
        if (index > 0) text += index % 23 == 0 ? ". " : " ";
        text += kWords[index * 5 % kWords.size()];
    }
    text.resize(nBytes);
    return text;
}

std::string paragraphs(std::size_t nBytes) {
    constexpr std::size_t kParagraph = 400;
    const std::string one = words(kParagraph) + "\n\n";
    std::string text;
    while (text.size() < nBytes) text += one;
    text.resize(nBytes);
    return text;
}

std::string codeBlock(int nLines) {
    std::string text = "```cpp\n";
    for (int number = 0; number < nLines; ++number) text += line(number);
    return text + "```\n";
}

std::string codeOfSize(std::size_t nBytes) {
    std::string text = "```cpp\n";
    for (int number = 0; text.size() < nBytes; ++number) text += line(number);
    text.resize(nBytes);
    return text;
}

std::string table(int nRows) {
    std::string text = "| Name | Value | Unit | Note |\n| --- | ---: | :-: | --- |\n";
    for (int row = 0; row < nRows; ++row)
        text += "| row " + std::to_string(row) + " | **" + std::to_string(row * 37 % 1000) +
                "** | `ms` | " + words(30) + " |\n";
    return text;
}

std::string mixedAnswer(std::size_t nBytes) {
    std::string text;
    for (int part = 1; text.size() < nBytes; ++part) {
        text += "## " + numbered("Part", part) + "\n\n" + words(320) +
                ", so that $a_{1}^{2} + b^{2} = c^{2}$ holds and **bold** stays.\n\n";
        text += "- " + words(60) + "\n- " + words(50) + " with `code`\n- " + words(70) + "\n\n";
        text += codeBlock(14) + "\n" + table(6) + "\n";
        text += "$$\\sum_{k=1}^{n} \\frac{x_k}{k} = \\int_0^1 f(x)\\,dx$$\n\n";
    }
    text.resize(nBytes);
    return text;
}

}  // namespace sotto::app
