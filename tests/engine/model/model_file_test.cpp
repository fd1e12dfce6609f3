// Model files as the config reader and the weight table see them: what is accepted, and that each
// mismatch is refused with one sentence that names the key or tensor concerned. Beside them the
// pure parts: RoPE tables, buffer plans, the memory dry run.
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>

#include "engine/kernels/cpu/cpu_kernels.h"
#include "engine/kernels/reference/reference_kernels.h"
#include "engine/model/buffer_planner.h"
#include "engine/model/loader.h"
#include "engine/model/memory_estimate.h"
#include "engine/model/rope_frequencies.h"
#include "tests/engine/model/model_runner.h"
#include "tests/support/compare.h"
#include "tests/support/golden_files.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

namespace {

using Change = std::function<void(GgufWriter&)>;

struct BadFile {
    const char* name;
    Change change;
    const char* renamedTensor;  // its first letter becomes 'x'; null: none
    ErrorCode code;
    const char* named;  // what the sentence must name
};

Change key(const char* name, GgufWriteValue value) {
    return [=](GgufWriter& writer) { writer.addValue(name, value); };
}

std::uint32_t u32(int value) { return static_cast<std::uint32_t>(value); }

const std::vector<BadFile>& badFiles() {
    constexpr ErrorCode kDamaged = ErrorCode::FileDamaged;
    constexpr ErrorCode kUnsupported = ErrorCode::Unsupported;
    static const std::vector<BadFile> kFiles{
        {"unknown architecture", key("general.architecture", std::string("mamba9")), nullptr,
         kUnsupported, "mamba9"},
        {"architecture of another kind", key("general.architecture", u32(1)), nullptr, kDamaged,
         "general.architecture"},
        {"no layers", key("llama.block_count", u32(0)), nullptr, kDamaged, "llama.block_count"},
        {"more layers than tensors", key("llama.block_count", u32(3)), nullptr, kDamaged,
         "blk.2.attn_norm.weight"},
        {"fewer layers than tensors", key("llama.block_count", u32(1)), nullptr, kUnsupported,
         "blk.1."},
        {"absurdly many layers", key("llama.block_count", u32(1 << 30)), nullptr, kDamaged,
         "llama.block_count"},
        {"embedding of another length", key("llama.embedding_length", u32(32)), nullptr, kDamaged,
         "token_embd.weight"},
        {"negative embedding", key("llama.embedding_length", std::int32_t{-64}), nullptr, kDamaged,
         "llama.embedding_length"},
        {"zero heads", key("llama.attention.head_count", u32(0)), nullptr, kDamaged,
         "llama.attention.head_count"},
        {"KV heads that do not divide", key("llama.attention.head_count_kv", u32(3)), nullptr,
         kDamaged, "llama.attention.head_count_kv"},
        {"more heads than rows", key("llama.attention.head_count", u32(8)), nullptr, kDamaged,
         "attn_q.weight"},
        {"more KV heads than rows", key("llama.attention.head_count_kv", u32(4)), nullptr, kDamaged,
         "attn_k.weight"},
        {"another head length", key("llama.attention.key_length", u32(8)), nullptr, kUnsupported,
         "llama.attention.key_length"},
        {"odd rotation", key("llama.rope.dimension_count", u32(7)), nullptr, kDamaged,
         "llama.rope.dimension_count"},
        {"rotation past the head", key("llama.rope.dimension_count", u32(32)), nullptr, kDamaged,
         "llama.rope.dimension_count"},
        {"feed-forward of another length", key("llama.feed_forward_length", u32(64)), nullptr,
         kDamaged, "ffn_gate.weight"},
        {"heads for too many layers",
         key("llama.attention.head_count", std::vector<std::uint32_t>{4, 4, 4}), nullptr, kDamaged,
         "llama.attention.head_count"},
        {"epsilon that is no number", key("llama.attention.layer_norm_rms_epsilon", std::nanf("")),
         nullptr, kDamaged, "layer_norm_rms_epsilon"},
        {"vocabulary key that is no count", key("llama.vocab_size", u32(0)), nullptr, kDamaged,
         "llama.vocab_size"},
        {"token list of another length",
         key("tokenizer.ggml.tokens", std::vector<std::string>{"a", "b"}), nullptr, kDamaged,
         "tokenizer.ggml.tokens"},
        {"experts without their tensors",
         [](GgufWriter& writer) {
             writer.addValue("llama.expert_count", u32(8));
             writer.addValue("llama.expert_used_count", u32(2));
         },
         nullptr, kDamaged, "ffn_gate_inp.weight"},
        {"experts without a number of those that are used", key("llama.expert_count", u32(8)),
         nullptr, kDamaged, "llama.expert_used_count"},
        {"architecture that is no text", key("general.architecture", std::string(300, '\xff')),
         nullptr, kUnsupported, "'????"},
        {"unknown RoPE scaling", key("llama.rope.scaling.type", std::string("longrope")), nullptr,
         kUnsupported, "longrope"},
        {"negative RoPE factor", key("llama.rope.scaling.factor", -4.0f), nullptr, kDamaged,
         "llama.rope.scaling.factor"},
        {"a missing matrix", {}, "blk.1.ffn_up.weight", kDamaged, "blk.1.ffn_up.weight"},
        {"a missing norm", {}, "output_norm.weight", kDamaged, "output_norm.weight"},
        {"a missing embedding", {}, "token_embd.weight", kDamaged, "token_embd.weight"},
        {"a tensor nobody knows",
         [](GgufWriter& writer) {
             writer.addTensor({"blk.0.ffn_gate_inp.weight", DType::F32, {64, 4}});
         },
         nullptr, kUnsupported, "blk.0.ffn_gate_inp.weight"},
        {"frequency factors of another length",
         [](GgufWriter& writer) {
             writer.addTensor({"rope_freqs.weight", DType::F32, {7}});
         },
         nullptr, kDamaged, "rope_freqs.weight"},
        {"quantized norm factors",
         [](GgufWriter& writer) {
             writer.addValue("llama.rope.dimension_count", u32(16));
             writer.addTensor({"blk.0.attn_q.bias", DType::Q8_0, {64}});
         },
         nullptr, kUnsupported, "blk.0.attn_q.bias"},
    };
    return kFiles;
}

Result<std::unique_ptr<ModelFile>> openTiny(const test::TinyModel& model, const BadFile& file,
                                            std::vector<std::byte>& bytes) {
    GgufWriter writer = test::describeTinyModel(model);
    if (file.change) file.change(writer);
    auto written = writer.toBytes(test::tinyWeights(writer, 1));
    if (!written) return fail(std::move(written.error()));
    bytes = std::move(*written);
    if (file.renamedTensor != nullptr) {
        const std::string_view name(file.renamedTensor);
        const auto place =
            std::search(bytes.begin(), bytes.end(), name.begin(), name.end(),
                        [](std::byte left, char right) { return left == std::byte(right); });
        if (place != bytes.end()) *place = std::byte('x');
    }
    return parseModelFile(bytes, "tiny.gguf");
}

// Two layers whose heads differ in number and so in length (64/16 and 64/1): what the key_length
// that most files have rules out.
GgufWriter describeMixedHeads() {
    constexpr std::int64_t kEmbd = 64, kVocab = 96;
    GgufWriter writer;
    writer.addValue("general.architecture", std::string("llama"));
    writer.addValue("llama.context_length", u32(256));
    writer.addValue("llama.embedding_length", u32(kEmbd));
    writer.addValue("llama.block_count", u32(2));
    writer.addValue("llama.feed_forward_length", u32(kEmbd));
    writer.addValue("llama.attention.head_count", std::vector<std::uint32_t>{16, 1});
    writer.addTensor({"token_embd.weight", DType::F32, {kEmbd, kVocab}});
    for (const std::string prefix : {"blk.0.", "blk.1."}) {
        for (const char* norm : {"attn_norm.weight", "ffn_norm.weight"})
            writer.addTensor({prefix + norm, DType::F32, {kEmbd}});
        for (const char* matrix :
             {"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"})
            writer.addTensor({prefix + matrix + ".weight", DType::F32, {kEmbd, kEmbd}});
    }
    writer.addTensor({"output_norm.weight", DType::F32, {kEmbd}});
    return writer;
}

test::TinyModel tinyMixture() {
    test::TinyModel model;
    model.architecture = "qwen3moe";
    model.nFf = 32;
    model.nExperts = 8;
    model.nExpertsUsed = 3;
    return model;
}

// Of tinyMixture(), which has 8 experts.
const std::vector<BadFile>& badMixtures() {
    constexpr ErrorCode kDamaged = ErrorCode::FileDamaged;
    constexpr ErrorCode kUnsupported = ErrorCode::Unsupported;
    static const std::vector<BadFile> kFiles{
        {"no experts", key("qwen3moe.expert_count", u32(0)), nullptr, kDamaged,
         "qwen3moe.expert_count"},
        {"more experts than the tensors have", key("qwen3moe.expert_count", u32(16)), nullptr,
         kDamaged, "ffn_gate_inp.weight"},
        {"more experts than can be", key("qwen3moe.expert_count", u32(513)), nullptr, kUnsupported,
         "513 experts (qwen3moe.expert_count)"},
        {"more groups than one", key("qwen3moe.expert_group_count", u32(4)), nullptr, kUnsupported,
         "'qwen3moe.expert_group_count' is 4"},
        {"an expert in each tensor",
         [](GgufWriter& writer) {
             writer.addTensor({"blk.0.ffn_gate.0.weight", DType::F32, {64, 32}});
         },
         "blk.0.ffn_gate_exps.weight", kUnsupported, "newer conversion"},
        {"none is used", key("qwen3moe.expert_used_count", u32(0)), nullptr, kDamaged,
         "qwen3moe.expert_used_count"},
        {"more are used than there are", key("qwen3moe.expert_used_count", u32(9)), nullptr,
         kDamaged, "qwen3moe.expert_used_count"},
        {"experts of another width", key("qwen3moe.expert_feed_forward_length", u32(64)), nullptr,
         kDamaged, "ffn_gate_exps.weight"},
        {"experts of an odd width", key("qwen3moe.expert_feed_forward_length", u32(40)), nullptr,
         kUnsupported, "qwen3moe.expert_feed_forward_length"},
        {"shared experts", key("qwen3moe.expert_shared_count", u32(1)), nullptr, kUnsupported,
         "qwen3moe.expert_shared_count"},
        {"another choice than softmax", key("qwen3moe.expert_gating_func", u32(2)), nullptr,
         kUnsupported, "qwen3moe.expert_gating_func"},
        {"scaled weights", key("qwen3moe.expert_weights_scale", 2.5f), nullptr, kUnsupported,
         "'qwen3moe.expert_weights_scale' is 2.5"},
        {"an architecture that has none",
         [](GgufWriter& writer) {
             writer.addValue("general.architecture", std::string("qwen2"));
             writer.addValue("qwen2.expert_count", u32(8));
             for (const char* name : {"context_length", "embedding_length", "block_count",
                                      "attention.head_count", "feed_forward_length"})
                 writer.addValue("qwen2." + std::string(name), u32(64));
         },
         nullptr, kUnsupported, "qwen2.expert_count"},
    };
    return kFiles;
}

// The fast kernels with every allocate() and prepared copy counted.
class CountingKernels final : public KernelSet {
public:
    explicit CountingKernels(std::unique_ptr<KernelSet> inner) : m_inner(std::move(inner)) {}

    std::uint64_t allocated = 0;

    std::string name() const override { return m_inner->name(); }
    Result<Buffer> allocate(std::size_t bytes) override {
        allocated += bytes;
        return m_inner->allocate(bytes);
    }
    Result<std::unique_ptr<Weight>> prepareWeight(const TensorView& source) override {
        return m_inner->prepareWeight(source);
    }
    std::uint64_t preparedBytes(const TensorView& source) const override {
        return m_inner->preparedBytes(source);
    }
    Status reserve(const KernelLimits& limits) override { return m_inner->reserve(limits); }
    std::uint64_t scratchBytes(const KernelLimits& limits) const override {
        return m_inner->scratchBytes(limits);
    }
    std::uint64_t cacheBytes(const KvLayerShape& shape, std::int32_t nBlocks) const override {
        return m_inner->cacheBytes(shape, nBlocks);
    }
    Status copyBlock(const KvLayer& layer, std::int32_t from, std::int32_t to) override {
        return m_inner->copyBlock(layer, from, to);
    }
    Status readBlocks(const KvLayer& layer, const KvBlocks& blocks, std::byte* out) override {
        return m_inner->readBlocks(layer, blocks, out);
    }
    Status writeBlocks(const KvLayer& layer, const KvBlocks& blocks,
                       const std::byte* from) override {
        return m_inner->writeBlocks(layer, blocks, from);
    }
    void embed(const EmbedArgs& args) override { m_inner->embed(args); }
    void rmsNorm(const RmsNormArgs& args) override { m_inner->rmsNorm(args); }
    void linear(const LinearArgs& args) override { m_inner->linear(args); }
    void glu(const GluArgs& args) override { m_inner->glu(args); }
    void ropeStore(const RopeStoreArgs& args) override { m_inner->ropeStore(args); }
    void attention(const AttentionArgs& args) override { m_inner->attention(args); }
    void experts(const ExpertsArgs& args) override { m_inner->experts(args); }
    Status finish() override { return m_inner->finish(); }

private:
    std::unique_ptr<KernelSet> m_inner;
};

}  // namespace

class ModelFileTest : public QObject {
    Q_OBJECT

private slots:
    void goodFiles_areUnderstood_data();
    void goodFiles_areUnderstood();
    void badFile_isRefusedByName_data();
    void badFile_isRefusedByName();
    void mixture_isUnderstood();
    void bytesPerStep_countExpertsThatAreRead();
    void layersWithOtherHeads_runAsTheReference();
    void frequencyFactors_mustFitEveryLayer();
    void frequencyFactors_mustBePositive();
    void tiedHead_usesTheEmbedding();
    void linearScaling_slowsEveryPair();
    void yarn_keepsFastPairsAndStretchesSlowOnes();
    void frequencyFactors_divide();
    void bufferPlan_neverOverlapsWhatLivesTogether();
    void memoryEstimate_equalsWhatIsAllocated_data();
    void memoryEstimate_equalsWhatIsAllocated();
    void loading_canBeCancelled();
};

void ModelFileTest::goodFiles_areUnderstood_data() {
    QTest::addColumn<QString>("architecture");
    for (const char* name : {"llama", "qwen2", "qwen3"}) QTest::newRow(name) << QString(name);
}

void ModelFileTest::goodFiles_areUnderstood() {
    QFETCH(QString, architecture);
    test::TinyModel model;
    model.architecture = architecture.toStdString();
    std::vector<std::byte> bytes;
    const auto file = openTiny(model, {}, bytes);
    QVERIFY2(file, file ? "" : file.error().message.c_str());
    const AttentionConfig& attention = (*file)->config.layers.front().attention;
    QCOMPARE(attention.rope.kind, architecture == "llama" ? RopeKind::Interleaved : RopeKind::Neox);
    QCOMPARE(attention.qkNorm == Presence::Required, architecture == "qwen3");
    QCOMPARE((*file)->config.layers.size(), std::size_t{2});
}

void ModelFileTest::badFile_isRefusedByName_data() {
    QTest::addColumn<bool>("isMixture");
    QTest::addColumn<int>("index");
    for (const bool isMixture : {false, true}) {
        const std::vector<BadFile>& files = isMixture ? badMixtures() : badFiles();
        for (std::size_t index = 0; index < files.size(); ++index)
            QTest::newRow(files[index].name) << isMixture << static_cast<int>(index);
    }
}

void ModelFileTest::badFile_isRefusedByName() {
    QFETCH(bool, isMixture);
    QFETCH(int, index);
    const BadFile& bad = (isMixture ? badMixtures() : badFiles())[static_cast<std::size_t>(index)];
    std::vector<std::byte> bytes;
    const auto file = openTiny(isMixture ? tinyMixture() : test::TinyModel(), bad, bytes);
    QVERIFY(!file);
    const std::string& message = file.error().message;
    QVERIFY2(message.find(bad.named) != std::string::npos, message.c_str());
    QVERIFY2(message.ends_with("."), message.c_str());
    QCOMPARE(file.error().code, bad.code);
}

void ModelFileTest::mixture_isUnderstood() {
    for (const char* architecture : {"qwen3moe", "llama"}) {
        test::TinyModel tiny = tinyMixture();
        tiny.architecture = architecture;
        std::vector<std::byte> bytes;
        const auto file = openTiny(tiny, {}, bytes);
        QVERIFY2(file, file ? "" : file.error().message.c_str());
        const FeedForwardConfig& block = (*file)->config.layers.back().feedForward;
        QCOMPARE(block.experts.nExperts, 8);
        QCOMPARE(block.experts.nUsed, 3);
        QCOMPARE(block.nFeedForward, 32);
        QVERIFY(block.experts.isNormalized);
    }
    {
        BadFile plain{};
        plain.change = [](GgufWriter& writer) {
            writer.addValue("qwen3moe.expert_weights_norm", false);
            writer.addValue("qwen3moe.expert_weights_scale", 0.0f);
            writer.addValue("qwen3moe.expert_gating_func", u32(1));
        };
        std::vector<std::byte> bytes;
        const auto file = openTiny(tinyMixture(), plain, bytes);
        QVERIFY2(file, file ? "" : file.error().message.c_str());
        QVERIFY(!(*file)->config.layers.front().feedForward.experts.isNormalized);
    }
    // Without the key of its own an expert is as wide as feed_forward_length says (Mixtral); a
    // dense architecture has none.
    test::TinyModel dense;
    std::vector<std::byte> bytes;
    const auto file = openTiny(dense, {}, bytes);
    QVERIFY(file);
    QVERIFY(!(*file)->config.layers.front().feedForward.isMixture());
}

// Eight experts of which a row uses three, all of one size: by hand.
void ModelFileTest::bytesPerStep_countExpertsThatAreRead() {
    const test::TinyModel tiny = test::withTypes(tinyMixture(), DType::F32);
    std::vector<std::byte> bytes;
    const auto file = openTiny(tiny, {}, bytes);
    QVERIFY2(file, file ? "" : file.error().message.c_str());
    const auto kernels = createReferenceKernels();
    const auto weights = loadWeights(**file, *kernels, {});
    QVERIFY(weights);
    const std::uint64_t oneExpert = std::uint64_t{3} * 64 * 32 * sizeof(float);
    const std::uint64_t experts = tiny.nLayers * 8 * oneExpert;
    QCOMPARE(weights->expertBytes, experts);
    std::uint64_t others = 0;
    for (const WeightEntry& entry : (*file)->table.entries)
        if (!entry.isVector() && entry.tensor->name.find("_exps") == std::string::npos &&
            !entry.isEmbedding())
            others += entry.tensor->byteSize;
    others += weights->vectors.front().bytes() + 64 * sizeof(float);  // one embedding row
    QCOMPARE(weights->bytesPerToken, others + experts * 3 / 8);
    QCOMPARE(weights->bytesPerStep(1), weights->bytesPerToken);
    // Two rows: 1 - (5/8)^2 = 39/64 of the experts; many rows: all of them.
    const auto isNear = [](std::uint64_t value, double expected) {
        return std::abs(double(value) - expected) <= 2;
    };
    QVERIFY(isNear(weights->bytesPerStep(2), double(others) + double(experts) * 39 / 64));
    QVERIFY(isNear(weights->bytesPerStep(10000), double(others + experts)));
}

void ModelFileTest::layersWithOtherHeads_runAsTheReference() {
    const QTemporaryDir folder;
    const std::string path = folder.filePath("mixed.gguf").toStdString();
    const GgufWriter writer = describeMixedHeads();
    const auto bytes = writer.toBytes(test::tinyWeights(writer, 1));
    QVERIFY(bytes && test::writeBytes(path, *bytes));
    std::vector<std::int32_t> tokens(40);
    std::iota(tokens.begin(), tokens.end(), 3);
    std::vector<std::vector<float>> logits[2];
    for (const bool isReference : {true, false}) {
        auto runner = ModelRunner::open(
            path, isReference ? createReferenceKernels() : createCpuKernels({}), {});
        QVERIFY2(runner, runner ? "" : runner.error().message.c_str());
        logits[isReference ? 0 : 1] = (*runner)->step(tokens);
    }
    QCOMPARE(logits[1].size(), tokens.size());
    // All F32: two layers of sums over 64 floats stay within some hundred roundings of 6e-8.
    for (std::size_t row = 0; row < tokens.size(); ++row) {
        const test::Difference difference = test::compareValues(logits[0][row], logits[1][row]);
        QVERIFY2(difference.relativeL2 < 1e-5, difference.text().c_str());
    }
}

void ModelFileTest::frequencyFactors_mustFitEveryLayer() {
    GgufWriter writer = describeMixedHeads();
    writer.addTensor({"rope_freqs.weight", DType::F32, {2}});  // of layer 0; layer 1 has 32 pairs
    const auto bytes = writer.toBytes(test::tinyWeights(writer, 1));
    QVERIFY(bytes);
    const auto file = parseModelFile(*bytes, "mixed.gguf");
    QVERIFY(!file);
    QCOMPARE(file.error().code, ErrorCode::FileDamaged);
    QVERIFY(file.error().message.find("rope_freqs.weight") != std::string::npos);
    QVERIFY(file.error().message.find("layer 1") != std::string::npos);
}

void ModelFileTest::frequencyFactors_mustBePositive() {
    // tinyWeights draws from both signs.
    const BadFile factors{"",
                          [](GgufWriter& writer) {
                              writer.addTensor({"rope_freqs.weight", DType::F32, {8}});
                          },
                          nullptr, ErrorCode::FileDamaged, ""};
    std::vector<std::byte> bytes;
    const auto file = openTiny({}, factors, bytes);
    QVERIFY(file);
    const auto kernels = createCpuKernels({});
    const auto weights = loadWeights(**file, *kernels, {});
    QVERIFY(!weights);
    QCOMPARE(weights.error().code, ErrorCode::FileDamaged);
    QVERIFY(weights.error().message.find("rope_freqs.weight") != std::string::npos);
}

void ModelFileTest::tiedHead_usesTheEmbedding() {
    test::TinyModel model;
    model.hasOutputHead = false;
    std::vector<std::byte> bytes;
    const auto file = openTiny(model, {}, bytes);
    QVERIFY(file && (*file)->table.hasTiedHead);
    const auto kernels = createCpuKernels({});
    const auto weights = loadWeights(**file, *kernels, {});
    QVERIFY(weights);
    QCOMPARE(weights->head, weights->embedding);
}

void ModelFileTest::linearScaling_slowsEveryPair() {
    RopeConfig rope;
    rope.rotaryDims = 8;
    const RopeTable plain = ropeTable(rope, {});
    rope.scaling = RopeScaling::Linear;
    rope.factor = 4;
    const RopeTable slow = ropeTable(rope, {});
    for (std::size_t pair = 0; pair < 4; ++pair) {
        QCOMPARE(plain.frequencies[pair], static_cast<float>(std::pow(10000.0, -double(pair) / 4)));
        QCOMPARE(slow.frequencies[pair] * 4, plain.frequencies[pair]);
    }
    QCOMPARE(slow.magnitude, 1.0f);
}

void ModelFileTest::yarn_keepsFastPairsAndStretchesSlowOnes() {
    RopeConfig rope;
    rope.rotaryDims = 128;
    rope.scaling = RopeScaling::Yarn;
    rope.factor = 8;
    rope.originalContext = 4096;
    const RopeTable table = ropeTable(rope, {});
    for (std::size_t pair = 0; pair < 64; ++pair) {
        const double own = std::pow(10000.0, -double(pair) / 64);
        const double turns = 4096 * own / (2 * std::numbers::pi);
        // The ramp's ends are rounded to whole pairs, so pairs next to them are left out.
        if (turns > 40) QCOMPARE(table.frequencies[pair], static_cast<float>(own));
        if (turns < 0.8) QCOMPARE(table.frequencies[pair], static_cast<float>(own / 8));
        QVERIFY(table.frequencies[pair] <= static_cast<float>(own));
    }
    QVERIFY(std::abs(table.magnitude - (1 + 0.1 * std::log(8.0))) < 1e-6);
    rope.logMultiplier = 1;  // DeepSeek's way: the factor is moved into the scores
    QCOMPARE(ropeTable(rope, {}).magnitude, 1.0f);
    rope.logMultiplier = 0;
    rope.attentionFactor = 0.5;
    QVERIFY(std::abs(ropeTable(rope, {}).magnitude - 0.5 * (1 + 0.1 * std::log(8.0))) < 1e-6);
}

void ModelFileTest::frequencyFactors_divide() {
    RopeConfig rope;
    rope.rotaryDims = 4;
    const std::vector<float> factors{1.0f, 8.0f};
    const RopeTable table = ropeTable(rope, factors);
    QCOMPARE(table.frequencies[0], 1.0f);
    QCOMPARE(table.frequencies[1], static_cast<float>(0.01 / 8));
}

void ModelFileTest::bufferPlan_neverOverlapsWhatLivesTogether() {
    // All small tables of four arrays over stages 0..3 with two sizes: every pair checked.
    std::uint64_t state = 42;
    for (int round = 0; round < 2000; ++round) {
        std::vector<PlannedArray> arrays;
        std::size_t sum = 0;
        for (int arrayIndex = 0; arrayIndex < 5; ++arrayIndex) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            const int first = static_cast<int>((state >> 33) % 4);
            const int last = first + static_cast<int>((state >> 40) % 3);
            arrays.push_back({1 + (state >> 45) % 100, first, last});
            sum += (arrays.back().nFloats + 15) / 16 * 16;
        }
        const BufferPlan plan = planBuffers(arrays);
        QVERIFY(plan.totalFloats <= sum);
        for (std::size_t left = 0; left < arrays.size(); ++left) {
            QCOMPARE(plan.offsets[left] % 16, std::size_t{0});
            QVERIFY(plan.offsets[left] + arrays[left].nFloats <= plan.totalFloats);
            for (std::size_t right = 0; right < left; ++right) {
                const bool isTogether = arrays[left].firstStage <= arrays[right].lastStage &&
                                        arrays[right].firstStage <= arrays[left].lastStage;
                const bool isApart =
                    plan.offsets[left] + arrays[left].nFloats <= plan.offsets[right] ||
                    plan.offsets[right] + arrays[right].nFloats <= plan.offsets[left];
                QVERIFY(!isTogether || isApart);
            }
        }
    }
    // Arrays that never meet share their bytes.
    const std::vector<PlannedArray> apart{{160, 0, 1}, {160, 2, 3}};
    QCOMPARE(planBuffers(apart).totalFloats, std::size_t{160});
}

void ModelFileTest::memoryEstimate_equalsWhatIsAllocated_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<int>("nExperts");
    for (const DType type : allDTypes())
        for (const int nExperts : {0, 5})
            QTest::addRow("%s, %d experts", std::string(dtypeTraits(type).name).c_str(), nExperts)
                << static_cast<int>(type) << nExperts;
}

void ModelFileTest::memoryEstimate_equalsWhatIsAllocated() {
    QFETCH(int, type);
    QFETCH(int, nExperts);
    test::TinyModel tiny;
    tiny.nEmbd = 256;
    tiny.nFf = 512;
    tiny.nExperts = u32(nExperts);
    tiny.headDim = 64;
    tiny = test::withTypes(tiny, static_cast<DType>(type));
    std::vector<std::byte> bytes;
    const auto file = openTiny(tiny, {}, bytes);
    QVERIFY2(file, file ? "" : file.error().message.c_str());
    CountingKernels kernels(createCpuKernels({}));
    const StepLimits limits{.maxTokens = 64, .maxOutputs = 8, .contextTokens = 256};
    const ModelMemory estimate =
        estimateModelMemory(**file, sizesOf(kernels), PartShare::whole((*file)->config), limits);

    const auto weights = loadWeights(**file, kernels, {});
    QVERIFY(weights);
    QCOMPARE(weights->mappedBytes, estimate.mapped);
    QCOMPARE(weights->residentBytes, estimate.resident);
    QCOMPARE(kernels.allocated,
             vectorBytes((*file)->config, (*file)->table, PartShare::whole((*file)->config)));
    kernels.allocated = 0;
    const auto activations = planActivations((*file)->config, limits, kernels);
    QVERIFY(activations);
    QCOMPARE(kernels.allocated + kernels.scratchBytes(kernelLimits((*file)->config, limits)),
             estimate.scratch);
    QCOMPARE(weights->bytesPerToken, estimate.bytesPerToken);
}

void ModelFileTest::loading_canBeCancelled() {
    std::vector<std::byte> bytes;
    const auto file = openTiny({}, {}, bytes);
    QVERIFY(file);
    const auto kernels = createCpuKernels({});
    int calls = 0;
    const auto weights = loadWeights(**file, *kernels, [&](double fraction) {
        ++calls;
        return fraction < 0.5;
    });
    QVERIFY(!weights);
    QCOMPARE(weights.error().code, ErrorCode::Cancelled);
    QVERIFY(calls > 1);
}

QTEST_APPLESS_MAIN(ModelFileTest)
#include "model_file_test.moc"
