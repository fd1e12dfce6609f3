#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/guarded.h"
#include "engine/api/questions.h"

namespace sotto {
namespace {

// Letters stand before the choices.
constexpr std::size_t kMaxChoices = 26;

bool isDigit(char character) { return character >= '0' && character <= '9'; }

// Whether a minus behind it takes away: "5-3", "x-3", "(a)-3".
bool isOperand(char character) {
    const bool isLetter =
        (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
    return isDigit(character) || isLetter || character == ')';
}

// Whether what begins at `begin` has a sign of its own, "-" or U+2212: "5 - 3" has none.
bool isNegativeAt(std::string_view text, std::size_t begin) {
    std::string_view before = text.substr(0, begin);
    for (const std::string_view sign : {"-", "\xe2\x88\x92"}) {
        if (!before.ends_with(sign)) continue;
        before.remove_suffix(sign.size());
        return before.empty() || !isOperand(before.back());
    }
    return false;
}

// Where the number begins that ends at `end`, behind a digit. One point belongs to it between
// digits, and before it the commas of groups of three digits.
std::size_t beginOfNumber(std::string_view text, std::size_t end) {
    bool hasPoint = false, hasComma = false;
    std::size_t nDigits = 0;  // since the last of them
    std::size_t begin = end;
    for (; begin > 0; --begin) {
        const char before = text[begin - 1];
        if (isDigit(before)) {
            ++nDigits;
            continue;
        }
        if (begin == 1 || !isDigit(text[begin - 2])) break;
        const bool isComma = before == ',' && nDigits == 3;
        if (!isComma && (before != '.' || hasPoint || hasComma)) break;
        (isComma ? hasComma : hasPoint) = true;
        nDigits = 0;
    }
    return begin;
}

// As many digits as it takes to tell the number from others, and never an exponent.
std::string writtenOut(double number) {
    // The longest has a sign, a point and at most 324 zeros before its 17 digits.
    std::array<char, 400> text;
    const auto [end, code] =
        std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    return code == std::errc() ? std::string(text.data(), end) : std::string();
}

std::optional<std::size_t> choiceOf(const nlohmann::json& answer, std::size_t nChoices) {
    std::size_t index = nChoices;
    if (answer.is_number_integer()) {
        const auto number = answer.get<std::int64_t>();
        if (number >= 0) index = static_cast<std::size_t>(number);
    } else if (answer.is_string() && answer.get_ref<const std::string&>().size() == 1) {
        const char letter = answer.get_ref<const std::string&>()[0];
        if (letter >= 'A' && letter <= 'Z') index = static_cast<std::size_t>(letter - 'A');
        if (letter >= 'a' && letter <= 'z') index = static_cast<std::size_t>(letter - 'a');
    }
    return index < nChoices ? std::optional(index) : std::nullopt;
}

// Of {"A": …, "B": …}: as many as follow one another.
std::vector<std::string> letteredChoices(const nlohmann::json& row) {
    std::vector<std::string> choices;
    for (char letter = 'A'; letter <= 'Z'; ++letter) {
        const auto found = row.find(std::string(1, letter));
        if (found == row.end() || !found->is_string()) break;
        choices.push_back(found->get<std::string>());
    }
    return choices;
}

std::string numberOf(const nlohmann::json& answer) {
    if (answer.is_number_float()) return lastNumber(writtenOut(answer.get<double>()));
    if (answer.is_number()) return lastNumber(answer.dump());
    return answer.is_string() ? lastNumber(answer.get_ref<const std::string&>()) : std::string();
}

std::optional<Question> questionOf(const nlohmann::json& row) {
    if (!row.is_object() || !row.contains("answer")) return std::nullopt;
    const auto text = row.find("question");
    if (text == row.end() || !text->is_string()) return std::nullopt;
    Question question;
    question.text = text->get<std::string>();
    const auto choices = row.find("choices");
    if (choices != row.end()) {
        if (!choices->is_array()) return std::nullopt;
        for (const nlohmann::json& choice : *choices) {
            if (!choice.is_string()) return std::nullopt;
            question.choices.push_back(choice.get<std::string>());
        }
    } else {
        question.choices = letteredChoices(row);
    }
    if (choices == row.end() && question.choices.empty()) {
        question.number = numberOf(row["answer"]);
        return question.number.empty() ? std::nullopt : std::optional(question);
    }
    if (question.choices.size() < 2 || question.choices.size() > kMaxChoices) return std::nullopt;
    const auto answer = choiceOf(row["answer"], question.choices.size());
    if (!answer) return std::nullopt;
    question.answer = *answer;
    return question;
}

Result<std::vector<Question>> parseLines(std::string_view jsonLines, const std::string& source) {
    std::vector<Question> questions;
    std::size_t lineNumber = 0;
    for (std::size_t begin = 0; begin < jsonLines.size();) {
        const std::size_t end = std::min(jsonLines.find('\n', begin), jsonLines.size());
        const std::string_view line = jsonLines.substr(begin, end - begin);
        begin = end + 1;
        ++lineNumber;
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        auto question = questionOf(nlohmann::json::parse(line, nullptr, false));
        if (!question)
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("Line {} is no question: it takes \"question\" with "
                                    "\"choices\" (or \"A\", \"B\", …) and the right one as "
                                    "\"answer\", or with a number as \"answer\".",
                                    lineNumber),
                        source);
        questions.push_back(std::move(*question));
    }
    if (questions.empty())
        return fail(ErrorCode::InvalidArgument, "There is no question in the file.", source);
    return questions;
}

}  // namespace

std::string lastNumber(std::string_view text) {
    std::size_t end = text.size();
    while (end > 0 && !isDigit(text[end - 1])) --end;
    if (end == 0) return {};
    const std::size_t begin = beginOfNumber(text, end);
    std::string number;
    for (const char character : text.substr(begin, end - begin))
        if (character != ',') number += character;
    if (const std::size_t point = number.find('.'); point != std::string::npos) {
        number.erase(number.find_last_not_of('0') + 1);
        if (number.back() == '.') number.pop_back();
    }
    number.erase(0, std::min(number.find_first_not_of('0'), number.size() - 1));
    if (number.front() == '.') number.insert(0, 1, '0');
    return number != "0" && isNegativeAt(text, begin) ? "-" + number : number;
}

Result<std::vector<Question>> parseQuestions(std::string_view jsonLines,
                                             const std::string& source) {
    return guarded([&] { return parseLines(jsonLines, source); });
}

}  // namespace sotto
