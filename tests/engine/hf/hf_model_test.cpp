// Folders of Hugging Face's form against the GGUF that they were made of by inverse code
// (hf_folder.h): the same tensors bit for bit, the same keys, the same quantized files.
#include "engine/hf/hf_model.h"

#include <QtTest/QtTest>

#include <QTemporaryDir>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

#include "base/small_floats.h"
#include "engine/api/evaluate.h"
#include "engine/api/inspect.h"
#include "engine/api/quantize.h"
#include "engine/api/tokenizer.h"
#include "engine/model/loader.h"
#include "engine/model/unusable_weight.h"
#include "engine/quant/dequantize_reference.h"
#include "tests/engine/hf/hf_folder.h"
#include "tests/support/golden_files.h"
#include "tests/support/raw_safetensors.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

constexpr const char* kModels[] = {"llama", "llama-moe", "llama-yarn", "llama-linear",
                                   "qwen2", "qwen3",     "qwen3moe"};
// That of the golden model "llama": its file has the factors rounded to bfloat16.
constexpr const char* kLlamaScaling =
    "{'rope_type':'llama3','factor':8.0,'low_freq_factor':1.0,'high_freq_factor':4.0,"
    "'original_max_position_embeddings':32}";

const fs::path kPacked = fs::path(SOTTO_GOLDEN_DIR) / "packed";

fs::path goldenPath(const std::string& name) {
    return fs::path(SOTTO_GOLDEN_DIR) / name / "f32.gguf";
}

test::HfFolderOptions optionsFor(const std::string& name) {
    test::HfFolderOptions options;
    if (name == "llama") options.ropeScaling = kLlamaScaling;
    return options;
}

std::vector<std::byte> bytesOf(const HfModel& model, std::size_t index) {
    const GgufTensor& tensor = model.declared().tensors()[index];
    std::vector<std::byte> bytes(static_cast<std::size_t>(tensor.byteSize));
    const std::int64_t nRows = tensor.elementCount() / tensor.shape.front();
    // In pieces that begin anywhere, as the quantizer asks for them.
    const auto rowSize = bytes.size() / static_cast<std::size_t>(nRows);
    for (std::int64_t row = 0; row < nRows; row += 7) {
        const std::int64_t count = std::min<std::int64_t>(7, nRows - row);
        model.readRows(index, row, count,
                       std::span(bytes).subspan(static_cast<std::size_t>(row) * rowSize,
                                                static_cast<std::size_t>(count) * rowSize));
    }
    return bytes;
}

// A folder does not say how those are called that nothing uses.
bool hasTokensOf(const GgufMetadata& made, const GgufMetadata& expected) {
    const auto& texts = *made.strings("tokenizer.ggml.tokens");
    const auto& wanted = *expected.strings("tokenizer.ggml.tokens");
    const auto types = *expected.integers("tokenizer.ggml.token_type");
    if (texts.size() != wanted.size()) return false;
    for (std::size_t id = 0; id < texts.size(); ++id)
        if (types[id] != 5 && texts[id] != wanted[id]) return false;
    return true;
}

// What a GGUF of the field says beside what the small golden ones do.
bool isFurtherKey(const std::string& key) {
    return key == "general.type" || key.ends_with(".rope.dimension_count");
}

}  // namespace

class HfModelTest : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path at(const char* name) const { return fs::path(m_folder->path().toStdString()) / name; }

    void writeFolder(const std::string& name, const test::HfFolderOptions& options) const {
        const auto gguf = GgufFile::open(goldenPath(name));
        QVERIFY(gguf.has_value());
        QVERIFY(test::writeHfFolder(*gguf, at("hf"), options));
    }
    void expectRefusal(ErrorCode code, const char* sentence) const {
        const auto model = HfModel::open(at("hf"));
        QVERIFY2(!model.has_value(), "it went well");
        QVERIFY2(model.error().message.find(sentence) != std::string::npos,
                 model.error().message.c_str());
        QCOMPARE(model.error().code, code);
        QuantizeOptions options = quantizeOptions(at("hf"), "F16");
        QVERIFY(!quantizeModel(options, {}).has_value());
        QVERIFY(!fs::exists(options.target));
    }
    void edit(const char* file, const std::string& from, const std::string& to) const {
        std::string text = test::readText(at("hf") / file);
        const std::size_t place = text.find(from);
        QVERIFY2(place != std::string::npos, from.c_str());
        QVERIFY(test::writeText(at("hf") / file, text.replace(place, from.size(), to)));
    }
    QuantizeOptions quantizeOptions(const fs::path& source, const char* type) const {
        QuantizeOptions options;
        options.source = source;
        options.target = at("out.gguf");
        options.type = type;
        options.nThreads = 2;
        return options;
    }

    // What "hf/model.safetensors" holds.
    test::RawSafetensors weights() const {
        const auto bytes = test::readBytes(at("hf") / "model.safetensors");
        test::RawSafetensors raw;
        const auto tensors = parseSafetensors(bytes, "model.safetensors");
        if (!tensors) return raw;
        for (const StoredTensor& tensor : *tensors)
            raw.tensors.push_back({tensor.name,
                                   tensor.typeName,
                                   tensor.shape,
                                   {tensor.bytes.begin(), tensor.bytes.end()}});
        return raw;
    }
    // The packed matrix `file` of tests/golden/packed as the gate of layer 0.
    bool putPacked(const std::string& file, const std::string& config) const {
        const std::string stem = "model.layers.0.mlp.gate_proj.";
        test::RawSafetensors raw = weights();
        std::erase_if(raw.tensors, [&](const test::RawStored& tensor) {
            return tensor.name == stem + "weight";
        });
        const auto bytes = test::readBytes(kPacked / (file + ".safetensors"));
        const auto packed = parseSafetensors(bytes, file);
        if (!packed) return false;
        for (const StoredTensor& tensor : *packed)
            raw.tensors.push_back({stem + tensor.name.substr(2),
                                   tensor.typeName,
                                   tensor.shape,
                                   {tensor.bytes.begin(), tensor.bytes.end()}});
        edit("config.json", "{", test::quoted("{'quantization_config':{" + config + "},"));
        return test::writeBytes(at("hf") / "model.safetensors", raw.bytes());
    }

    static std::vector<float> logitsOf(const fs::path& path) {
        LoadOptions load;
        load.path = path;
        EngineOptions engine;
        engine.device = "cpu";
        const std::vector<std::int32_t> tokens{1, 5, 9, 12, 300, 47, 8};
        std::vector<float> all;
        const Status status =
            evaluateLogits(engine, load, tokens,
                           [&](std::int64_t, std::span<const float> logits) {
                               all.insert(all.end(), logits.begin(), logits.end());
                           },
                           {});
        if (!status) qWarning("%s", status.error().message.c_str());
        return all;
    }

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void folder_isTheGgufThatItWasMadeOf_data() {
        QTest::addColumn<QByteArray>("name");
        for (const char* name : kModels) QTest::newRow(name) << QByteArray(name);
    }
    void folder_isTheGgufThatItWasMadeOf() {
        QFETCH(QByteArray, name);
        const std::string model = name.toStdString();
        writeFolder(model, optionsFor(model));
        const auto gguf = GgufFile::open(goldenPath(model));
        const auto folder = HfModel::open(at("hf"));
        QVERIFY2(folder.has_value(), folder ? "" : folder.error().message.c_str());

        const GgufFile& made = (*folder)->declared();
        QCOMPARE(made.tensors().size(), gguf->tensors().size());
        for (const GgufTensor& expected : gguf->tensors()) {
            const GgufTensor* const tensor = made.find(expected.name);
            QVERIFY2(tensor != nullptr, expected.name.c_str());
            QCOMPARE(tensor->type, expected.type);
            QCOMPARE(tensor->shape, expected.shape);
            const auto bytes =
                bytesOf(**folder, static_cast<std::size_t>(tensor - made.tensors().data()));
            if (expected.name == "rope_freqs.weight") continue;
            QVERIFY2(std::equal(bytes.begin(), bytes.end(), expected.bytes.begin(),
                                expected.bytes.end()),
                     expected.name.c_str());
        }
        for (const auto& [key, value] : gguf->metadata().all()) {
            if (key == "general.name") continue;
            if (key == "tokenizer.ggml.tokens") continue;
            const GgufValue* const found = made.metadata().find(key);
            QVERIFY2(found != nullptr && *found == value, key.c_str());
        }
        for (const auto& [key, value] : made.metadata().all())
            QVERIFY2(gguf->metadata().has(key) || isFurtherKey(key), key.c_str());
        QCOMPARE(made.metadata().string("general.name"), std::string_view("hf"));
        QVERIFY(hasTokensOf(made.metadata(), gguf->metadata()));
    }

    void llama3Factors_areThoseOfTheGoldenFile() {
        writeFolder("llama", optionsFor("llama"));
        const auto gguf = GgufFile::open(goldenPath("llama"));
        const auto folder = HfModel::open(at("hf"));
        QVERIFY(folder.has_value());
        const GgufTensor* const expected = gguf->find("rope_freqs.weight");
        const GgufTensor* const tensor = (*folder)->declared().find("rope_freqs.weight");
        QVERIFY(expected != nullptr && tensor != nullptr);
        const auto bytes = bytesOf(
            **folder, static_cast<std::size_t>(tensor - (*folder)->declared().tensors().data()));
        for (std::size_t index = 0; index < bytes.size() / sizeof(float); ++index) {
            float found = 0, wanted = 0;
            std::memcpy(&found, bytes.data() + index * sizeof(float), sizeof(float));
            std::memcpy(&wanted, expected->bytes.data() + index * sizeof(float), sizeof(float));
            // Eight bits of mantissa, rounded to nearest.
            QVERIFY2(std::fabs(found - wanted) <= std::ldexp(wanted, -9),
                     qPrintable(QString::number(double(found), 'g', 9)));
        }
    }

    // In files of any number, and in 16 bits: the golden weights are all representable in bfloat16.
    void parts_areOneModel() {
        test::HfFolderOptions options;
        options.nParts = 3;
        options.type = "BF16";
        writeFolder("qwen2", options);
        const auto gguf = GgufFile::open(goldenPath("qwen2"));
        const auto folder = HfModel::open(at("hf"));
        QVERIFY2(folder.has_value(), folder ? "" : folder.error().message.c_str());
        const GgufFile& made = (*folder)->declared();
        QCOMPARE(made.tensors().size(), gguf->tensors().size());
        for (std::size_t index = 0; index < made.tensors().size(); ++index) {
            const GgufTensor& tensor = made.tensors()[index];
            QCOMPARE(tensor.type, tensor.shape.size() == 1 ? DType::F32 : DType::BF16);
            std::vector<float> values(static_cast<std::size_t>(tensor.elementCount()));
            dequantizeRow(tensor.type, bytesOf(**folder, index), values);
            const auto expected = gguf->find(tensor.name)->bytes;
            QVERIFY2(std::memcmp(values.data(), expected.data(), expected.size()) == 0,
                     tensor.name.c_str());
        }
        // config.json, tokenizer.json, tokenizer_config.json, the index and three parts.
        QCOMPARE((*folder)->files().size(), std::size_t{7});
    }

    void modelInACache_isCalledByItsName() {
        writeFolder("qwen2", {});
        const fs::path snapshots = at("models--Owner--Small-Model-1b") / "snapshots";
        fs::create_directories(snapshots);
        fs::rename(at("hf"), snapshots / "0a1b2c");
        const auto model = HfModel::open(snapshots / "0a1b2c" / "");
        QVERIFY(model.has_value());
        QCOMPARE((*model)->declared().metadata().string("general.name"),
                 std::string_view("Small-Model-1b"));
    }

    void tiedHead_isLeftOut() {
        test::HfFolderOptions options;
        options.isTied = true;
        writeFolder("qwen3", options);
        const auto folder = HfModel::open(at("hf"));
        QVERIFY2(folder.has_value(), folder ? "" : folder.error().message.c_str());
        QVERIFY((*folder)->declared().find("output.weight") == nullptr);
    }

    void quantizedFolder_isTheQuantizedGguf_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("type");
        QTest::newRow("llama-moe") << QByteArray("llama-moe") << QByteArray("F16");
        QTest::newRow("llama-yarn") << QByteArray("llama-yarn") << QByteArray("Q8_0");
        QTest::newRow("qwen3moe") << QByteArray("qwen3moe") << QByteArray("Q4_K_M");
        QTest::newRow("qwen2") << QByteArray("qwen2") << QByteArray("Q4_0");
    }
    void quantizedFolder_isTheQuantizedGguf() {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, type);
        writeFolder(name.toStdString(), {});
        const auto fromFolder = quantizeModel(quantizeOptions(at("hf"), type.constData()), {});
        QVERIFY2(fromFolder.has_value(), fromFolder ? "" : fromFolder.error().message.c_str());
        fs::rename(at("out.gguf"), at("folder.gguf"));
        const auto fromGguf =
            quantizeModel(quantizeOptions(goldenPath(name.toStdString()), type.constData()), {});
        QVERIFY(fromGguf.has_value());
        const auto one = GgufFile::open(at("folder.gguf"));
        const auto other = GgufFile::open(at("out.gguf"));
        QVERIFY(one.has_value() && other.has_value());
        for (const GgufTensor& expected : other->tensors()) {
            const GgufTensor* const tensor = one->find(expected.name);
            QVERIFY(tensor != nullptr && tensor->type == expected.type);
            QVERIFY2(std::equal(tensor->bytes.begin(), tensor->bytes.end(), expected.bytes.begin(),
                                expected.bytes.end()),
                     expected.name.c_str());
        }
        const auto* const sources = one->metadata().strings("sotto.quantize.source");
        QVERIFY(sources != nullptr);
        QVERIFY(std::ranges::find(*sources, "model.safetensors") != sources->end());
        QVERIFY(std::ranges::find(*sources, "config.json") != sources->end());
    }

    // Without quantizing: what is converted while it loads gives the logits of the GGUF, to the
    // bit.
    void loadedFolder_answersAsTheGguf_data() {
        QTest::addColumn<QByteArray>("name");
        for (const char* name : {"llama-yarn", "llama-moe", "qwen2", "qwen3", "qwen3moe"})
            QTest::newRow(name) << QByteArray(name);
    }
    void loadedFolder_answersAsTheGguf() {
        QFETCH(QByteArray, name);
        test::HfFolderOptions options;
        options.nParts = 2;
        writeFolder(name.toStdString(), options);
        const std::vector<float> fromFolder = logitsOf(at("hf"));
        QVERIFY(!fromFolder.empty());
        QCOMPARE(fromFolder, logitsOf(goldenPath(name.toStdString())));
    }

    // A matrix in packed form takes the place of the same one in floats: what the folder then is
    // is the GGUF with the floats that the codes mean.
    void packedMatrix_takesThePlaceOfItsFloats_data() {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<QByteArray>("config");
        QTest::newRow("gptq") << QByteArray("gptq4")
                              << QByteArray("'quant_method':'gptq','bits':4,'group_size':32");
        QTest::newRow("gptq_v2") << QByteArray("gptq4-second")
                                 << QByteArray(
                                        "'quant_method':'gptq','bits':4,'group_size':32,"
                                        "'checkpoint_format':'gptq_v2'");
        QTest::newRow("awq") << QByteArray("awq4")
                             << QByteArray(
                                    "'quant_method':'awq','bits':4,'group_size':32,"
                                    "'version':'gemm'");
    }
    void packedMatrix_takesThePlaceOfItsFloats() {
        QFETCH(QByteArray, file);
        QFETCH(QByteArray, config);
        writeFolder("qwen2", {});
        QVERIFY(putPacked(file.toStdString(), config.toStdString()));
        const auto folder = HfModel::open(at("hf"));
        QVERIFY2(folder.has_value(), folder ? "" : folder.error().message.c_str());
        const auto tensors = (*folder)->declared().tensors();
        const GgufTensor* const tensor = (*folder)->declared().find("blk.0.ffn_gate.weight");
        QVERIFY(tensor != nullptr);
        QCOMPARE(tensor->type, DType::F32);
        const auto found = bytesOf(**folder, static_cast<std::size_t>(tensor - tensors.data()));
        const auto expected = test::readBytes(kPacked / (file.toStdString() + ".f32"));
        QVERIFY(found == expected);
        QCOMPARE(QByteArray::fromStdString((*folder)->quantizationMethod()),
                 config.contains("awq") ? QByteArray("awq") : QByteArray("gptq"));
    }

    // To be computed with it takes no more than halves: eight bits in the folder would be 32 in
    // memory else.
    void packedMatrix_isLoadedAsHalves() {
        writeFolder("qwen2", {});
        test::RawSafetensors raw = weights();
        const std::string name = "model.layers.0.mlp.gate_proj.weight";
        const auto gate = std::ranges::find(raw.tensors, name, &test::RawStored::name);
        QVERIFY(gate != raw.tensors.end());
        gate->type = "F8_E4M3";
        gate->bytes.resize(gate->bytes.size() / sizeof(float));
        constexpr float kScale = 0.0123f;
        // All codes of both signs but NaN.
        for (std::size_t index = 0; index < gate->bytes.size(); ++index)
            gate->bytes[index] = static_cast<std::byte>(index % 127 | index % 2 << 7);
        const std::vector<std::byte> codes = gate->bytes;
        raw.tensors.push_back({name + "_scale", "F32", {1}, test::bytesOf({kScale})});
        QVERIFY(test::writeBytes(at("hf") / "model.safetensors", raw.bytes()));

        const auto model = openModelFile(at("hf"));
        QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
        const GgufTensor* const tensor = (*model)->file.find("blk.0.ffn_gate.weight");
        QVERIFY(tensor != nullptr);
        QCOMPARE(tensor->type, DType::F16);
        QCOMPARE((*model)->file.find("blk.0.ffn_up.weight")->type, DType::F32);  // as it is stored
        std::vector<std::byte> scratch;
        const auto found = (*model)->rows(*tensor, 0, tensor->shape.at(1), scratch);
        QCOMPARE(found.size(), codes.size() * sizeof(Half));
        for (std::size_t index = 0; index < codes.size(); ++index) {
            Half half;
            std::memcpy(&half, found.data() + index * sizeof(half), sizeof(half));
            const float wanted = fromE4M3(static_cast<std::uint8_t>(codes[index])) * kScale;
            QCOMPARE(half.bits, toHalf(wanted).bits);
        }
        QVERIFY(!logitsOf(at("hf")).empty());
    }

    void packedSource_isWarnedOf() {
        writeFolder("qwen2", {});
        edit("config.json", "{",
             test::quoted("{'quantization_config':{'quant_method':'gptq',"
                          "'bits':4,'group_size':128},"));
        const auto report = planQuantization(quantizeOptions(at("hf"), "Q8_0"));
        QVERIFY2(report.has_value(), report ? "" : report.error().message.c_str());
        QCOMPARE(report->warnings.size(), std::size_t{1});
        QVERIFY(report->warnings.front().starts_with("The source is quantized already (gptq)"));
    }

    void partOfAPackedForm_withoutItsMatrixIsTold() {
        writeFolder("qwen2", {});
        test::RawSafetensors raw = weights();
        raw.tensors.push_back(
            {"model.layers.0.mlp.router.qweight", "I32", {1}, test::bytesOf({1})});
        QVERIFY(test::writeBytes(at("hf") / "model.safetensors", raw.bytes()));
        expectRefusal(ErrorCode::Unsupported, "'model.layers.0.mlp.router.qweight' is none");
    }

    void folder_isDescribedAndCutIntoTokens() {
        test::HfFolderOptions options;
        options.type = "BF16";
        options.chatTemplate = "{% for m in messages %}{{ m.content }}{% endfor %}";
        writeFolder("qwen3", options);
        LoadOptions load;
        load.path = at("hf");
        const auto info = inspectModel(load);
        QVERIFY2(info.has_value(), info ? "" : info.error().message.c_str());
        QCOMPARE(info->quantization, std::string("BF16"));
        QCOMPARE(info->name, std::string("hf"));
        QVERIFY(info->templateProblem.empty());
        const auto tokenizer = loadTokenizer(at("hf"));
        const auto ofGguf = loadTokenizer(goldenPath("qwen3"));
        QVERIFY(tokenizer.has_value() && ofGguf.has_value());
        QCOMPARE(*(*tokenizer)->encode("the thing in there", {}),
                 *(*ofGguf)->encode("the thing in there", {}));
    }

    void folderThatIsNoModel_isTold() {
        fs::create_directories(at("hf"));
        expectRefusal(ErrorCode::FileNotFound, "The folder hf has no config.json");
        QVERIFY(test::writeText(at("hf") / "config.json", "{}"));
        expectRefusal(ErrorCode::Unsupported, "config.json names no architecture");
        QVERIFY(test::writeText(at("hf") / "config.json", "no JSON"));
        expectRefusal(ErrorCode::FileDamaged, "it is not a JSON document");
    }

    // What was cut off reads as zeros, which no tensor may be taken for.
    void folderThatShrank_isTold() {
        writeFolder("qwen2", {});
        const auto model = openModelFile(at("hf"));
        QVERIFY(model.has_value());
        QVERIFY((*model)->checkPages().has_value());
        fs::resize_file(at("hf") / "model.safetensors",
                        fs::file_size(at("hf") / "model.safetensors") / 2);
        const auto checked = firstUnusableTensor(**model, {});
        QVERIFY(!checked.has_value());
        QVERIFY(checked.error().message.find("model.safetensors") != std::string::npos);
    }

    // Nothing that is written may take their place.
    void files_areThoseOfTheFolder() {
        writeFolder("qwen2", {});
        QVERIFY(test::writeText(at("hf") / "README.md", "# A model"));
        const auto files = modelFiles(at("hf"));
        const auto has = [&files, this](const char* name) {
            return std::find(files.begin(), files.end(), at("hf") / name) != files.end();
        };
        QVERIFY(has("model.safetensors") && has("config.json") && has("tokenizer.json"));
        QVERIFY(!has("README.md"));
        QVERIFY(std::is_sorted(files.begin(), files.end()));
    }

    void unknownArchitecture_isNamed() {
        test::HfFolderOptions options;
        options.architecture = "FalconForCausalLM";
        writeFolder("qwen2", options);
        expectRefusal(ErrorCode::Unsupported,
                      "The architecture FalconForCausalLM (config.json) cannot be converted");
    }

    void whatIsMissing_isNamed() {
        test::HfFolderOptions options;
        options.nParts = 2;
        writeFolder("qwen2", options);
        fs::rename(at("hf") / "tokenizer.json", at("kept.json"));
        expectRefusal(ErrorCode::FileNotFound, "has no tokenizer");
        fs::rename(at("kept.json"), at("hf") / "tokenizer.json");
        fs::remove(at("hf") / "model-1.safetensors");
        expectRefusal(ErrorCode::FileNotFound, "the part model-1.safetensors of the model is");
    }

    void config_isNotBelieved() {
        writeFolder("llama-yarn", {});
        edit("config.json", "\"vocab_size\":320", "\"vocab_size\":321");
        expectRefusal(ErrorCode::FileDamaged, "'vocab_size' is 321 and the embedding has 320");
        edit("config.json", "\"vocab_size\":321", "\"vocab_size\":-1");
        expectRefusal(ErrorCode::FileDamaged, "'vocab_size' is -1; it must be between");
        edit("config.json", "\"vocab_size\":-1", "\"vocab_size\":320");
        edit("config.json", "\"num_hidden_layers\":2", "\"num_hidden_layers\":3");
        expectRefusal(ErrorCode::FileDamaged,
                      "it has no tensor 'model.layers.2.input_layernorm.weight'");
        edit("config.json", "\"num_hidden_layers\":3", "\"num_hidden_layers\":1");
        expectRefusal(ErrorCode::Unsupported, "The tensor 'model.layers.1.");
        edit("config.json", "\"num_hidden_layers\":1", "\"num_hidden_layers\":2");
        edit("config.json", "\"num_key_value_heads\":2", "\"num_key_value_heads\":4");
        expectRefusal(ErrorCode::FileDamaged, "rows for 4 heads of 16");
        edit("config.json", "\"num_key_value_heads\":4", "\"num_key_value_heads\":2");
        edit("config.json", "\"type\":\"yarn\"", "\"type\":\"longrope\"");
        expectRefusal(ErrorCode::Unsupported, "The RoPE scaling 'longrope'");
    }

    // What the folder says of its tensors and what the engine can run: before anything is written.
    void shapesThatDoNotFit_areRefusedBeforeTheWork() {
        writeFolder("qwen2", {});
        edit("config.json", "\"intermediate_size\":128", "\"intermediate_size\":96");
        const auto report = planQuantization(quantizeOptions(at("hf"), "F16"));
        QVERIFY(!report.has_value());
        QVERIFY2(report.error().message.find("feed_forward_length") != std::string::npos,
                 report.error().message.c_str());
    }
};

QTEST_APPLESS_MAIN(HfModelTest)
#include "hf_model_test.moc"
