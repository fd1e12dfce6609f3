// The expressions of each family of pre-tokenizers, as the models' own tokenizers define them
// (tokenizer.json, "pre_tokenizer"), in PCRE2's syntax. A table: exempt from the size budgets.
#include <algorithm>
#include <iterator>

#include "engine/token/pretokenize.h"

namespace sotto {

namespace {

// Pieces that several families share.
#define SOTTO_CONTRACTIONS R"re((?i:'s|'t|'re|'ve|'m|'ll|'d))re"
#define SOTTO_SPACES R"re(\s*[\r\n]+|\s+(?!\S)|\s+)re"
#define SOTTO_GPT2 \
    R"re('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)re"
// Words of o200k and Tekken: an optional capitalised beginning, then small letters, or capitals.
#define SOTTO_CASED_LOWER \
    R"re([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)re"
#define SOTTO_CASED_UPPER \
    R"re([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)re"
#define SOTTO_CASED_PUNCTUATION R"re(| ?[^\s\p{L}\p{N}]+[\r\n/]*|)re"
// CJK ideographs, the scripts below them, Hangul.
#define SOTTO_DEEPSEEK_CJK R"re([\x{4E00}-\x{9FA5}\x{800}-\x{4E00}\x{AC00}-\x{D7FF}]+)re"
// The cased letters that DeepSeek LLM lists one by one.
// clang-format off
#define SOTTO_DEEPSEEK_CASED_LETTERS \
    R"re(A-Za-z\x{B5}\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{1BA}\x{1BC}-\x{1BF})re" \
    R"re(\x{1C4}-\x{293}\x{295}-\x{2AF}\x{370}-\x{373}\x{376}\x{377}\x{37B}-\x{37D})re" \
    R"re(\x{37F}\x{386}\x{388}-\x{38A}\x{38C}\x{38E}-\x{3A1}\x{3A3}-\x{3F5})re" \
    R"re(\x{3F7}-\x{481}\x{48A}-\x{52F}\x{531}-\x{556}\x{10A0}-\x{10C5}\x{13A0}-\x{13F5})re" \
    R"re(\x{13F8}-\x{13FD}\x{1C90}-\x{1CBA}\x{1CBD}-\x{1CBF}\x{1D00}-\x{1D2B})re" \
    R"re(\x{1D6B}-\x{1D77}\x{1D79}-\x{1D9A}\x{1E00}-\x{1F15}\x{1F18}-\x{1F1D})re" \
    R"re(\x{1F20}-\x{1F45}\x{1F48}-\x{1F4D}\x{1F50}-\x{1F57}\x{1F59}\x{1F5B}\x{1F5D})re" \
    R"re(\x{1F5F}-\x{1F7D}\x{1F80}-\x{1FB4}\x{1FB6}-\x{1FBC}\x{1FBE}\x{1FC2}-\x{1FC4})re" \
    R"re(\x{1FC6}-\x{1FCC}\x{1FD0}-\x{1FD3}\x{1FD6}-\x{1FDB}\x{1FE0}-\x{1FEC})re" \
    R"re(\x{1FF2}-\x{1FF4}\x{1FF6}-\x{1FFC}\x{2102}\x{2107}\x{210A}-\x{2113}\x{2115})re" \
    R"re(\x{2119}-\x{211D}\x{2124}\x{2126}\x{2128}\x{212A}-\x{212D}\x{212F}-\x{2134}\x{2139})re" \
    R"re(\x{213C}-\x{213F}\x{2145}-\x{2149}\x{214E}\x{2183}\x{2184}\x{2C00}-\x{2C7B})re" \
    R"re(\x{2C7E}-\x{2CE4}\x{2CEB}-\x{2CEE}\x{2CF2}\x{2CF3}\x{A640}-\x{A66D})re" \
    R"re(\x{A680}-\x{A69B}\x{A722}-\x{A76F}\x{A771}-\x{A787}\x{A78B}-\x{A78E})re" \
    R"re(\x{AB70}-\x{ABBF}\x{FB00}-\x{FB06}\x{FB13}-\x{FB17}\x{FF21}-\x{FF3A})re" \
    R"re(\x{FF41}-\x{FF5A}\x{10400}-\x{1044F}\x{104B0}-\x{104D3}\x{104D8}-\x{104FB})re" \
    R"re(\x{10C80}-\x{10CB2}\x{10CC0}-\x{10CF2}\x{118A0}-\x{118DF}\x{1E900}-\x{1E943})re"
// clang-format on

constexpr const char* kGpt2[] = {SOTTO_GPT2};
constexpr const char* kStarcoder[] = {R"re(\p{N})re", SOTTO_GPT2};
constexpr const char* kLlama3[] = {
    SOTTO_CONTRACTIONS
    R"re(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|)re" SOTTO_SPACES};
constexpr const char* kQwen2[] = {
    SOTTO_CONTRACTIONS
    R"re(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)re" SOTTO_SPACES};
constexpr const char* kQwen35[] = {
    SOTTO_CONTRACTIONS
    R"re(|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|)re" SOTTO_SPACES};
constexpr const char* kSeedCoder[] = {
    SOTTO_CONTRACTIONS
    R"re(|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}\r\n]+|)re" SOTTO_SPACES};
constexpr const char* kGpt4o[] = {SOTTO_CASED_LOWER SOTTO_CONTRACTIONS
                                  "?|" SOTTO_CASED_UPPER SOTTO_CONTRACTIONS
                                  R"re(?|\p{N}{1,3})re" SOTTO_CASED_PUNCTUATION SOTTO_SPACES};
constexpr const char* kTekken[] = {
    SOTTO_CASED_LOWER "|" SOTTO_CASED_UPPER R"re(|\p{N})re" SOTTO_CASED_PUNCTUATION SOTTO_SPACES};
constexpr const char* kFalcon[] = {R"re([\p{P}$+<=>^~|`]+)re", SOTTO_GPT2,
                                   R"re([0-9][0-9][0-9])re"};
constexpr const char* kDefault[] = {R"re([\p{P}$+<=>^~|]+)re", SOTTO_GPT2, R"re(\p{N}+)re",
                                    R"re([0-9][0-9][0-9])re"};
constexpr const char* kDeepseekLlm[] = {
    R"re([\r\n])re", R"re(\s?[)re" SOTTO_DEEPSEEK_CASED_LETTERS R"re(]+)re",
    R"re(\s?[!-/:-~\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF5E}\x{2018}-\x{201F}\x{3000}-\x{3002}]+)re",
    // The look-behind only spares a quadratic search: a run that reaches the end starts once.
    R"re((?<!\s)\s+$)re", SOTTO_DEEPSEEK_CJK, R"re(\p{N}+)re"};
constexpr const char* kDeepseekCoder[] = {R"re([\r\n])re", R"re(\s?\p{L}+)re", R"re(\s?\p{P}+)re",
                                          SOTTO_DEEPSEEK_CJK, R"re(\p{N})re"};
constexpr const char* kDeepseek3[] = {
    R"re(\p{N}{1,3})re", R"re([\x{4E00}-\x{9FA5}\x{3040}-\x{309F}\x{30A0}-\x{30FF}]+)re",
    R"re([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+)re"
    R"re(| ?[\p{P}\p{S}]+[\r\n]*|)re" SOTTO_SPACES};
constexpr const char* kBloom[] = {
    R"re( ?[^(\s|.,!?\x{2026}\x{3002}\x{FF0C}\x{3001}\x{964}\x{6D4}\x{60C})]+)re"};
constexpr const char* kViking[] = {kBloom[0], R"re(\p{N})re"};

struct Row {
    std::string_view name;  // of tokenizer.ggml.pre
    PreTokenizerFamily family;
};

constexpr Row kRows[] = {
    {"default", {kDefault}},
    {"gpt-2", {kGpt2}},
    {"phi-2", {kGpt2}},
    {"mpt", {kGpt2}},
    {"olmo", {kGpt2}},
    {"jais", {kGpt2}},
    {"gigachat", {kGpt2}},
    {"trillion", {kGpt2}},
    {"mellum", {kGpt2}},
    {"a.x-4.0", {kGpt2}},
    {"exaone4", {kGpt2}},
    {"granite-docling", {kGpt2}},
    {"starcoder", {kStarcoder}},
    {"refact", {kStarcoder}},
    {"command-r", {kStarcoder}},
    {"smollm", {kStarcoder}},
    {"codeshell", {kStarcoder}},
    {"exaone", {kStarcoder}},
    {"minerva-7b", {kStarcoder}},
    {"llama-bpe", {kLlama3, true, true}},
    {"llama3", {kLlama3, true, true}},
    {"llama-v3", {kLlama3, true, true}},
    {"falcon3", {kLlama3, true, true}},
    {"falcon-h1", {kLlama3, true, true}},
    {"pixtral", {kLlama3, true, true}},
    {"midm-2.0", {kLlama3, true, true}},
    {"lfm2", {kLlama3, true, true}},
    {"dbrx", {kLlama3}},
    {"smaug-bpe", {kLlama3}},
    {"glm4", {kLlama3}},
    {"chatglm-bpe", {kLlama3}},
    {"qwen2", {.patterns = kQwen2, .isNormalizing = true}},
    {"deepseek-r1-qwen", {kQwen2}},
    {"stablelm2", {kQwen2}},
    {"hunyuan", {kQwen2}},
    {"megrez", {kQwen2}},
    {"kormo", {kQwen2}},
    {"qwen35", {.patterns = kQwen35, .isNormalizing = true}},
    {"seed-coder", {kSeedCoder}},
    {"gpt-4o", {kGpt4o}},
    {"llama4", {kGpt4o}},
    {"kanana2", {kGpt4o}},
    {"tekken", {kTekken, true, true}},
    {"falcon", {kFalcon}},
    {"deepseek-llm", {kDeepseekLlm}},
    {"deepseek-coder", {kDeepseekCoder}},
    {"deepseek-v3", {kDeepseek3}},
    {"hunyuan-dense", {kDeepseek3}},
    {"bloom", {kBloom}},
    {"poro-chat", {kBloom}},
    {"gpt3-finnish", {kBloom}},
    {"viking", {kViking}},
};

}  // namespace

const PreTokenizerFamily* findPreTokenizerFamily(std::string_view name) {
    if (name.empty()) name = "default";
    const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                   [name](const Row& candidate) { return candidate.name == name; });
    return row == std::end(kRows) ? nullptr : &row->family;
}

}  // namespace sotto
