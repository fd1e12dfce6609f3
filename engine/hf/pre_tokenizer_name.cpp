// A table: the expressions stand here as the files have them.
#include "engine/hf/pre_tokenizer_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "engine/gguf/byte_cursor.h"

namespace sotto {
namespace {

#define HF_CONTRACTIONS "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
#define HF_SPACES R"re(\s*[\r\n]+|\s+(?!\S)|\s+)re"
#define HF_CASED_LOWER \
    R"re([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)re"
#define HF_CASED_UPPER \
    R"re([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)re"
#define HF_SLASHED R"re(| ?[^\s\p{L}\p{N}]+[\r\n/]*|)re" HF_SPACES

// What ByteLevel does by itself: GPT-2's expression.
constexpr std::string_view kOwnWords = "<byte level>";
constexpr std::string_view kDigit = R"re(\p{N})re";

struct NamedWay {
    std::string_view name;
    std::vector<std::string_view> steps;
};

const std::vector<NamedWay>& namedWays() {
    static const std::vector<NamedWay> kWays{
        {"gpt-2", {kOwnWords}},
        {"smollm", {kDigit, kOwnWords}},
        {"llama-bpe",
         {HF_CONTRACTIONS
          R"re(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|)re" HF_SPACES}},
        {"qwen2",
         {HF_CONTRACTIONS
          R"re(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)re" HF_SPACES}},
        {"qwen35",
         {HF_CONTRACTIONS
          R"re(|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|)re" HF_SPACES}},
        {"gpt-4o",
         {HF_CASED_LOWER HF_CONTRACTIONS "?|" HF_CASED_UPPER HF_CONTRACTIONS
                                         R"re(?|\p{N}{1,3})re" HF_SLASHED}},
        {"tekken", {HF_CASED_LOWER "|" HF_CASED_UPPER R"re(|\p{N})re" HF_SLASHED}},
        {"deepseek-coder",
         {"[\r\n]", R"re(\s?\p{L}+)re", R"re(\s?\p{P}+)re",
          "[\xE4\xB8\x80-\xE9\xBE\xA5\xE0\xA0\x80-\xE4\xB8\x80\xEA\xB0\x80-\xED\x9F\xBF]+",
          kDigit}},
    };
    return kWays;
}

// One step of a pre-tokenizer as an expression; a step that is not understood as its type's name.
std::string stepOf(const HfJson& step) {
    const std::string type = textOf(step, "type").value_or("");
    if (type == "ByteLevel") {
        if (flagOf(step, "add_prefix_space").value_or(false)) return "<byte level with a space>";
        return flagOf(step, "use_regex").value_or(true) ? std::string(kOwnWords) : std::string();
    }
    if (type == "Digits" && flagOf(step, "individual_digits").value_or(false))
        return std::string(kDigit);
    if (type != "Split") return fmt::format("<{}>", type);
    const HfJson* const pattern = memberOf(step, "pattern");
    const std::string behavior = textOf(step, "behavior").value_or("");
    const bool isInverted = flagOf(step, "invert").value_or(false);
    const bool isCut =
        (behavior == "Isolated" && !isInverted) || (behavior == "Removed" && isInverted);
    if (pattern == nullptr || !isCut) return "<Split>";
    return textOf(*pattern, "Regex").value_or("<Split>");
}

std::vector<std::string> stepsOf(const HfJson& tokenizer) {
    std::vector<std::string> steps;
    const HfJson* const source = memberOf(tokenizer, "pre_tokenizer");
    if (source == nullptr) return steps;
    const HfJson* const list = memberOf(*source, "pretokenizers");
    if (list == nullptr || !list->is_array()) {
        steps.push_back(stepOf(*source));
    } else {
        for (const HfJson& step : *list) steps.push_back(stepOf(step));
    }
    std::erase(steps, std::string());
    return steps;
}

bool isNormalizingToC(const HfJson& tokenizer) {
    const HfJson* const normalizer = memberOf(tokenizer, "normalizer");
    if (normalizer == nullptr) return false;
    if (textOf(*normalizer, "type") == "NFC") return true;
    const HfJson* const list = memberOf(*normalizer, "normalizers");
    return list != nullptr && list->is_array() && list->size() == 1 &&
           textOf(list->front(), "type") == "NFC";
}

}  // namespace

Result<std::string> preTokenizerName(const HfJson& tokenizer) {
    const std::vector<std::string> steps = stepsOf(tokenizer);
    const auto& ways = namedWays();
    const auto way = std::find_if(ways.begin(), ways.end(), [&](const NamedWay& candidate) {
        return std::equal(steps.begin(), steps.end(), candidate.steps.begin(),
                          candidate.steps.end());
    });
    if (way == ways.end())
        return fail(ErrorCode::Unsupported,
                    fmt::format("tokenizer.json cuts text into words in a way that this version "
                                "does not know ({}): get the model as a GGUF file.",
                                steps.empty() ? "no pre_tokenizer" : printableName(steps.front())),
                    "tokenizer.json");
    // The same expression under several names: these differ in what else the tokenizer does.
    const HfJson* const model = memberOf(tokenizer, "model");
    const bool isIgnoringMerges =
        model != nullptr && flagOf(*model, "ignore_merges").value_or(false);
    if (way->name == "llama-bpe" && !isIgnoringMerges) return "smaug-bpe";
    if (way->name == "qwen2" && !isNormalizingToC(tokenizer)) return "deepseek-r1-qwen";
    return std::string(way->name);
}

}  // namespace sotto
