// Quantizing with error feedback, whole files: what comes to the matrices is what the importance
// matrix measures, the outputs lose less than by a search, and what has no feedback is searched.
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>

#include "base/hash.h"
#include "engine/api/calibration_reader.h"
#include "engine/api/imatrix.h"
#include "engine/api/quantize.h"
#include "engine/gguf/gguf_reader.h"
#include "engine/quant/dequantize_reference.h"
#include "engine/quant/mix.h"
#include "engine/quantize/feedback_source.h"
#include "engine/quantize/importance.h"
#include "tests/support/golden_files.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;
namespace fs = std::filesystem;

namespace {

// Words in an order that has no end.
std::string wordsOf(std::size_t nWords) {
    constexpr std::array kWords{"the", "cat", "sat", "on", "mat", "and", "dog", "ran"};
    std::string text;
    std::uint32_t state = 9;
    for (std::size_t word = 0; word < nWords; ++word) {
        state = state * 1664525u + 1013904223u;
        text += std::string(kWords[state >> 29]) + " ";
    }
    return text;
}

test::TinyModel mixtureOfSix() {
    test::TinyModel model;
    model.architecture = "qwen3moe";
    model.nExperts = 6;
    return model;
}

std::vector<float> floatsOf(const GgufTensor& tensor) {
    std::vector<float> values(static_cast<std::size_t>(tensor.elementCount()));
    dequantizeRow(tensor.type, tensor.bytes, values);
    return values;
}

// Of those that speak of the search: others tell what a width of 64 cannot take.
std::vector<std::string> searchWarnings(const QuantizeReport& report) {
    std::vector<std::string> found;
    for (const std::string& warning : report.warnings)
        if (warning.find("by search") != warning.npos) found.push_back(warning);
    return found;
}

}  // namespace

class GptqTest : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path at(const std::string& name) const {
        return fs::path(m_folder->path().toStdString()) / name;
    }
    QuantizeOptions optionsFor(const std::string& type, ModelMethod method = ModelMethod::Gptq) {
        QuantizeOptions options;
        options.source = at("source.gguf");
        options.target = at("target.gguf");
        options.type = type;
        options.method = method;
        options.nThreads = 2;
        options.calibration = {.text = wordsOf(1500), .name = "words.txt"};
        return options;
    }
    void writeSource(const test::TinyModel& model) {
        QVERIFY(writeTinyModel(model, at("source.gguf")).has_value());
    }
    void expectRefusal(const QuantizeOptions& options, ErrorCode code, const char* part) {
        const auto result = quantizeModel(options, {});
        QVERIFY2(!result.has_value(), "it went well");
        QVERIFY2(result.error().code == code, result.error().message.c_str());
        QVERIFY2(result.error().message.find(part) != std::string::npos,
                 result.error().message.c_str());
        QVERIFY(!fs::exists(options.target));
    }
    ImportanceMatrix measured(const CalibrationText& text, std::int64_t nContext);

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void inputs_areThoseOfTheImportanceMatrix_data();
    void inputs_areThoseOfTheImportanceMatrix();
    void outputs_loseLessThanBySearching();
    void bytes_dependNeitherOnMemoryNorOnThreads();
    void newFile_saysWhatItWasCalibratedOn();
    void expertWithoutInputs_isSearched();
    void typesWithoutCodes_areSearchedAndTold();
    void budget_isKept();
    void phases_followOneAnother();
    void cancel_leavesNothing();
    void badInput_isOneSentence();
    void memory_isPlanned();
    void badTarget_isToldBeforeTheModelIsLoaded();
    void tooWideMatrix_isToldBeforeAnythingIsRead();
    void products_haveHalfOfWhatIsFree();
    void sumsOfNoInputs_nameTheMatrix();
    void pieces_areToldByParts();
    void brokenModel_namesTheMatrix();
};

ImportanceMatrix GptqTest::measured(const CalibrationText& text, std::int64_t nContext) {
    ImatrixOptions options;
    options.output = at("own.imatrix");
    options.contextTokens = nContext;
    options.maxChunks = text.maxChunks;
    LoadOptions load;
    load.path = at("source.gguf");
    if (!measureImatrix({}, load, text.text, options, {})) return {};
    const auto matrix = readImportance(options.output);
    return matrix ? *matrix : ImportanceMatrix();
}

void GptqTest::inputs_areThoseOfTheImportanceMatrix_data() {
    QTest::addColumn<QString>("architecture");
    for (const char* name : {"llama", "qwen2", "qwen3", "qwen3moe"}) QTest::newRow(name) << name;
}

// Of all matrices, those too whose inputs are taken from another one.
void GptqTest::inputs_areThoseOfTheImportanceMatrix() {
    QFETCH(const QString, architecture);
    test::TinyModel model = mixtureOfSix();
    model.architecture = architecture.toStdString();
    if (model.architecture != "qwen3moe") model.nExperts = 0;
    writeSource(model);
    const CalibrationText text{.text = wordsOf(1500), .name = {}, .maxChunks = 3};
    const ImportanceMatrix expected = measured(text, model.nContext);
    QVERIFY(expected.entries.size() >= 14);

    const auto reader = openCalibrationReader(at("source.gguf"), text, 2, {});
    QVERIFY2(reader.has_value(), reader ? "" : reader.error().message.c_str());
    QCOMPARE((*reader)->nTokens(), std::int64_t{3 * model.nContext});
    ThreadPool pool(2);
    for (const auto& [name, entry] : expected.entries) {
        const std::size_t nMatrices = entry.counts.size();
        const std::size_t nColumns = entry.sums.size() / nMatrices;
        std::vector<InputProducts> products(nMatrices,
                                            InputProducts(static_cast<std::int64_t>(nColumns)));
        std::vector<InputWish> wishes;
        for (std::size_t matrix = 0; matrix < nMatrices; ++matrix)
            wishes.push_back({name, static_cast<std::int32_t>(matrix), &products[matrix]});
        QVERIFY((*reader)->read(wishes, pool, {}).has_value());
        for (std::size_t matrix = 0; matrix < nMatrices; ++matrix) {
            QCOMPARE(static_cast<float>(products[matrix].nRows()), entry.counts[matrix]);
            const std::vector<float> squares = products[matrix].squares();
            // Float sums of 128 rows at a time, of positive terms.
            for (std::size_t column = 0; column < nColumns; ++column) {
                const float sum = entry.sums[matrix * nColumns + column];
                QVERIFY2(std::fabs(squares[column] - sum) <= 2e-5f * sum, name.c_str());
            }
        }
    }
    // What FeedbackSource takes for one input is one.
    for (const std::string layer : {"blk.0.", "blk.1."}) {
        const auto sumsOf = [&](const char* part) {
            return expected.entries.at(layer + part + ".weight").sums;
        };
        QVERIFY(sumsOf("attn_q") == sumsOf("attn_k") && sumsOf("attn_q") == sumsOf("attn_v"));
        if (model.nExperts == 0)
            QVERIFY(sumsOf("ffn_gate") == sumsOf("ffn_up"));
        else
            QVERIFY(sumsOf("ffn_gate_exps") == sumsOf("ffn_up_exps"));
    }
}

// By the factors themselves, e H e^T = sum of D_j (e M)_j^2, on another text than that of the file.
void GptqTest::outputs_loseLessThanBySearching() {
    test::TinyModel model;
    model.nFf = 256;
    writeSource(model);
    QuantizeOptions options = optionsFor("Q4_0");
    const auto fed = quantizeModel(options, {});
    QVERIFY2(fed.has_value(), fed ? "" : fed.error().message.c_str());
    QVERIFY(searchWarnings(*fed).empty());
    options.method = ModelMethod::Search;
    options.target = at("searched.gguf");
    QVERIFY(quantizeModel(options, {}).has_value());
    const auto source = GgufFile::open(at("source.gguf"));
    const auto mine = GgufFile::open(at("target.gguf"));
    const auto other = GgufFile::open(at("searched.gguf"));
    QVERIFY(source && mine && other);

    const std::string second = wordsOf(4000).substr(9000);
    const auto reader =
        openCalibrationReader(at("source.gguf"), {.text = second, .name = {}}, 2, {});
    QVERIFY2(reader.has_value(), reader ? "" : reader.error().message.c_str());
    ThreadPool pool(2);
    int nMade = 0;
    for (const QuantizedTensor& tensor : fed->tensors) {
        QCOMPARE(tensor.isFedBack, tensor.from != tensor.to && !isNeverMeasured(tensor.name));
        if (!tensor.isFedBack) continue;
        ++nMade;
        const auto nColumns = static_cast<std::size_t>(tensor.shape.front());
        InputProducts products(tensor.shape.front());
        const InputWish wish{tensor.name, 0, &products};
        QVERIFY((*reader)->read({&wish, 1}, pool, {}).has_value());
        const auto nRows = static_cast<double>(products.nRows());
        const auto feedback = products.takeFeedback(pool, {});
        QVERIFY(feedback.has_value() && nRows > double(nColumns));
        // D from the diagonal of H = M D M^T, of which that of the factors has a hundredth more.
        double mean = 0;
        for (const float square : feedback->importance) mean += double(square) / double(nColumns);
        std::vector<double> d(nColumns);
        for (std::size_t column = nColumns; column-- > 0;) {
            d[column] = double(feedback->importance[column]) + 0.01 * mean;
            for (std::size_t later = column + 1; later < nColumns; ++later) {
                const double m = feedback->passed[column * nColumns + later];
                d[column] -= m * m * d[later];
            }
        }
        const std::vector<float> values = floatsOf(*source->find(tensor.name));
        const auto loss = [&](const GgufFile& file) {
            const std::vector<float> back = floatsOf(*file.find(tensor.name));
            double sum = 0;
            for (std::size_t first = 0; first < values.size(); first += nColumns)
                for (std::size_t column = 0; column < nColumns; ++column) {
                    double term = double(values[first + column]) - double(back[first + column]);
                    for (std::size_t before = 0; before < column; ++before)
                        term += (double(values[first + before]) - double(back[first + before])) *
                                double(feedback->passed[before * nColumns + column]);
                    sum += d[column] * term * term;
                }
            return sum;
        };
        QVERIFY2(loss(*mine) < 0.9 * loss(*other), tensor.name.c_str());
    }
    QCOMPARE(nMade, 2 * 7);
}

void GptqTest::bytes_dependNeitherOnMemoryNorOnThreads() {
    writeSource(mixtureOfSix());
    QuantizeOptions options = optionsFor("Q5_0");
    QVERIFY(quantizeModel(options, {}).has_value());
    options.target = at("second.gguf");
    options.productBytes = 1;  // one matrix at a time
    options.nThreads = 5;
    int nReadings = 0;
    bool wasCalibrating = false;
    QVERIFY(quantizeModel(options, [&](const QuantizeProgress& progress) {
                const bool is = progress.phase == QuantizeProgress::Phase::Calibrating;
                nReadings += is && !wasCalibrating ? 1 : 0;
                wasCalibrating = is;
                return true;
            }).has_value());
    QVERIFY(test::readBytes(at("target.gguf")) == test::readBytes(at("second.gguf")));
    QVERIFY(nReadings > 2 * 4);
}

void GptqTest::newFile_saysWhatItWasCalibratedOn() {
    writeSource({});
    const QuantizeOptions options = optionsFor("Q4_0");
    const auto plan = planQuantization(options);
    QVERIFY2(plan.has_value(), plan ? "" : plan.error().message.c_str());
    const auto made = quantizeModel(options, {});
    QVERIFY2(made.has_value(), made ? "" : made.error().message.c_str());
    QCOMPARE(plan->fileBytes, fs::file_size(at("target.gguf")));
    const auto target = GgufFile::open(at("target.gguf"));
    QVERIFY(target.has_value());
    const GgufMetadata& keys = target->metadata();
    QCOMPARE(keys.string("sotto.quantize.recipe").value_or(""),
             std::string_view("Q4_0, method gptq"));
    QCOMPARE(keys.string("sotto.quantize.calibration").value_or(""), std::string_view("words.txt"));
    Hash hash;
    hash.append(std::as_bytes(std::span(options.calibration.text)));
    QCOMPARE(keys.string("sotto.quantize.calibration_sha256").value_or(""),
             std::string_view(hash.finish()));
    const auto nTokens = keys.unsignedInteger("sotto.quantize.calibration_tokens").value_or(0);
    QVERIFY(nTokens >= 1024 && nTokens % 256 == 0);  // in chunks of what the model reads
}

// Matrix by matrix: one that has fewer rows than columns becomes what the search makes of it.
void GptqTest::expertWithoutInputs_isSearched() {
    writeSource(mixtureOfSix());
    QuantizeOptions options = optionsFor("Q4_0");
    options.calibration.maxChunks = 1;
    const ImportanceMatrix inputs = measured(options.calibration, 256);
    const auto fed = quantizeModel(options, {});
    QVERIFY2(fed.has_value(), fed ? "" : fed.error().message.c_str());
    options.method = ModelMethod::Search;
    options.target = at("searched.gguf");
    QVERIFY(quantizeModel(options, {}).has_value());
    const auto mine = GgufFile::open(at("target.gguf"));
    const auto other = GgufFile::open(at("searched.gguf"));
    QVERIFY(mine && other);
    int nFed = 0, nSearched = 0;
    std::set<std::string> partly;
    for (const QuantizedTensor& tensor : fed->tensors) {
        const auto entry = inputs.entries.find(tensor.name);
        if (tensor.from == tensor.to || entry == inputs.entries.end()) continue;
        const std::vector<float>& counts = entry->second.counts;
        const auto bytes = mine->find(tensor.name)->bytes;
        const std::size_t size = bytes.size() / counts.size();
        bool isFed = true;
        for (std::size_t matrix = 0; matrix < counts.size(); ++matrix) {
            const bool isSame =
                std::ranges::equal(bytes.subspan(matrix * size, size),
                                   other->find(tensor.name)->bytes.subspan(matrix * size, size));
            const bool isEnough = counts[matrix] >= static_cast<float>(tensor.shape.front());
            QVERIFY2(isSame != isEnough, tensor.name.c_str());
            ++(isEnough ? nFed : nSearched);
            isFed = isFed && isEnough;
        }
        QCOMPARE(tensor.isFedBack, isFed);
        if (!isFed) partly.insert(tensor.name);
    }
    QVERIFY(nFed > 0 && nSearched > 0);
    const std::vector<std::string> told = searchWarnings(*fed);
    QCOMPARE(told.size(), std::size_t{1});
    const std::string expected = std::to_string(partly.size()) + " tensors are quantized by search";
    QVERIFY2(told.front().find(expected) != std::string::npos, told.front().c_str());
}

void GptqTest::typesWithoutCodes_areSearchedAndTold() {
    writeSource({});
    QuantizeOptions options = optionsFor("Q4_0");
    options.keep = {"attn_output=MXFP4", "ffn_down=F16"};
    const auto plan = planQuantization(options);
    QVERIFY2(plan.has_value(), plan ? "" : plan.error().message.c_str());
    const std::vector<std::string> told = searchWarnings(*plan);
    QCOMPARE(told.size(), std::size_t{1});
    QVERIFY2(told.front().find("2 tensors of MXFP4 are quantized by search") != std::string::npos,
             told.front().c_str());
    QCOMPARE(plan->nNotFed, std::int64_t{2});
    const auto made = quantizeModel(options, {});
    QVERIFY2(made.has_value(), made ? "" : made.error().message.c_str());
    for (const QuantizedTensor& tensor : made->tensors)
        QCOMPARE(tensor.isFedBack, tensor.to == DType::Q4_0 && !isNeverMeasured(tensor.name));
}

void GptqTest::budget_isKept() {
    writeSource({});
    QuantizeOptions options = optionsFor("");
    options.budget.bitsPerWeight = 5;
    const auto made = quantizeModel(options, {});
    QVERIFY2(made.has_value(), made ? "" : made.error().message.c_str());
    QVERIFY(made->bitsPerWeight <= 5);
    QVERIFY(std::ranges::any_of(made->tensors, &QuantizedTensor::isFedBack));
}

void GptqTest::phases_followOneAnother() {
    using Phase = QuantizeProgress::Phase;
    writeSource({});
    std::vector<Phase> phases;
    const auto made = quantizeModel(optionsFor("Q4_0"), [&](const QuantizeProgress& progress) {
        if (phases.empty() || phases.back() != progress.phase) phases.push_back(progress.phase);
        return progress.doneBytes <= progress.totalBytes;
    });
    QVERIFY2(made.has_value(), made ? "" : made.error().message.c_str());
    // The model is loaded, the source hashed; then the text is read when the first matrix needs it,
    // and factors are told as the end of that.
    QVERIFY(phases.size() >= 5);
    QVERIFY(phases[0] == Phase::Calibrating && phases[1] == Phase::Hashing);
    QVERIFY(phases[2] == Phase::Quantizing && phases[3] == Phase::Calibrating);
    QVERIFY(phases.back() == Phase::Quantizing);
}

void GptqTest::cancel_leavesNothing() {
    writeSource({});
    int nCalls = 0;
    QVERIFY(quantizeModel(optionsFor("Q4_0"), [&](const QuantizeProgress&) {
                ++nCalls;
                return true;
            }).has_value());
    fs::remove(at("target.gguf"));
    for (const int last : {1, nCalls / 4, nCalls / 2, nCalls}) {
        int nLeft = last;
        const auto result =
            quantizeModel(optionsFor("Q4_0"), [&](const auto&) { return --nLeft > 0; });
        QVERIFY(!result && result.error().code == ErrorCode::Cancelled);
        QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden),
                 QStringList("source.gguf"));
    }
}

void GptqTest::badInput_isOneSentence() {
    writeSource({});
    QuantizeOptions options = optionsFor("Q4_0");
    options.calibration.text = "the cat";
    expectRefusal(options, ErrorCode::InvalidArgument, "at least one chunk of 256");
    options.calibration.text.clear();
    expectRefusal(options, ErrorCode::InvalidArgument, "needs a text");
    QVERIFY(!planQuantization(options).has_value());
    // Planned before the text is read: as large as with it, and not made without.
    options.isTextToCome = true;
    const auto plan = planQuantization(options);
    QVERIFY2(plan.has_value(), plan ? "" : plan.error().message.c_str());
    const auto whole = planQuantization(optionsFor("Q4_0"));
    QVERIFY(whole.has_value());
    QCOMPARE(plan->fileBytes, whole->fileBytes);
    expectRefusal(options, ErrorCode::InvalidArgument, "to come");
}

// The copy of the model that reads, the products of all inputs or as many as may be there, and what
// the widest take while they are factored.
void GptqTest::memory_isPlanned() {
    writeSource({});
    QuantizeOptions options = optionsFor("Q4_0");
    options.productBytes = std::uint64_t{1} << 40;
    const auto all = planQuantization(options);
    QVERIFY2(all.has_value(), all ? "" : all.error().message.c_str());
    std::int64_t nWidest = 0;
    for (const QuantizedTensor& tensor : all->tensors)
        if (tensor.to == DType::Q4_0 && !isNeverMeasured(tensor.name))
            nWidest = std::max(nWidest, tensor.shape.front());
    const std::uint64_t least =
        all->sourceBytes + InputProducts::bytes(nWidest) + InputProducts::factorBytes(nWidest);
    QVERIFY(all->feedbackBytes > least);
    options.productBytes = 1;
    const auto one = planQuantization(options);
    QVERIFY(one.has_value());
    QCOMPARE(one->feedbackBytes, least);
    const auto search = planQuantization(optionsFor("Q4_0", ModelMethod::Search));
    QVERIFY(search.has_value());
    QCOMPARE(search->feedbackBytes, std::uint64_t{0});
    QVERIFY(isFoldedArchitecture("llama") && !isFoldedArchitecture("gemma3"));
}

void GptqTest::badTarget_isToldBeforeTheModelIsLoaded() {
    writeSource({});
    const QuantizeOptions options = [&] {
        QuantizeOptions result = optionsFor("Q4_0");
        result.target = result.source;
        return result;
    }();
    int nCalls = 0;
    const auto result = quantizeModel(options, [&](const auto&) { return ++nCalls > 0; });
    QVERIFY(!result && result.error().code == ErrorCode::InvalidArgument);
    QCOMPARE(nCalls, 0);
}

// 13 TB, of two rows of two MB each.
void GptqTest::tooWideMatrix_isToldBeforeAnythingIsRead() {
    constexpr std::int64_t kColumns = std::int64_t{1} << 20;
    GgufWriter writer;
    writer.addValue("general.architecture", std::string("llama"));
    writer.addTensor({"blk.0.ffn_down.weight", DType::F16, {kColumns, 2}});
    QVERIFY(writer.write(at("source.gguf"), test::tinyWeights(writer, 1)).has_value());
    int nCalls = 0;
    const auto result =
        quantizeModel(optionsFor("Q4_0"), [&](const auto&) { return ++nCalls > 0; });
    QVERIFY(!result.has_value());
    const Error& error = result.error();
    QVERIFY2(error.code == ErrorCode::OutOfMemory, error.message.c_str());
    QVERIFY2(error.message.find("blk.0.ffn_down.weight") != std::string::npos,
             error.message.c_str());
    QVERIFY(error.needed >= std::uint64_t{12} * kColumns * kColumns);
    QVERIFY(error.available > 0 && error.available < error.needed);
    QCOMPARE(nCalls, 0);
}

// Half of what is left beside the model and 8 bytes for each pair of the widest columns.
void GptqTest::products_haveHalfOfWhatIsFree() {
    const std::uint64_t factors = InputProducts::factorBytes(4096);
    QVERIFY(factors >= std::uint64_t{8} * 4096 * 4096);
    QCOMPARE(FeedbackSource::limitBytes(3'000'000'000, 1'000'000'000, 4096),
             (2'000'000'000 - factors) / 2);
    QCOMPARE(FeedbackSource::limitBytes(1'000'000'000, 1'000'000'000, 4096), std::uint64_t{0});
}

void GptqTest::sumsOfNoInputs_nameTheMatrix() {
    class OddReader final : public InputReader {
        std::int64_t nTokens() const override { return 64; }
        Status read(std::span<const InputWish> wishes, ThreadPool& pool,
                    const std::function<bool(std::int64_t)>&) override {
            const std::vector<float> x(64 * 32, std::numeric_limits<float>::infinity());
            for (const InputWish& wish : wishes) {
                wish.products->add(x.data(), 64, pool);
                wish.products->finish(pool);
            }
            return {};
        }
    };
    OddReader reader;
    ThreadPool pool(1);
    const std::vector<QuantizedTensor> tensors{{.name = "blk.0.attn_q.weight", .shape = {32, 32}}};
    FeedbackSource source(
        reader, pool, tensors, [](const auto&) { return true; }, 1);
    const auto feedback = source.of(0, 0, {});
    QVERIFY(!feedback && feedback.error().code == ErrorCode::FileDamaged);
    QVERIFY2(feedback.error().message.find("'blk.0.attn_q.weight'") != std::string::npos,
             feedback.error().message.c_str());
}

// A cancel need not wait for a piece of 16 MiB, each of whose rows costs as much as it is wide.
void GptqTest::pieces_areToldByParts() {
    test::TinyModel model;
    model.nFf = 512;
    writeSource(model);
    std::set<std::uint64_t> places;
    QVERIFY(quantizeModel(optionsFor("Q4_0"), [&](const QuantizeProgress& progress) {
                if (progress.phase == QuantizeProgress::Phase::Quantizing &&
                    progress.tensor == "blk.0.ffn_gate.weight")
                    places.insert(progress.doneBytes);
                return true;
            }).has_value());
    QVERIFY(places.size() > 1);
}

void GptqTest::brokenModel_namesTheMatrix() {
    const test::TinyModel model;
    const GgufWriter writer = describeTinyModel(model);
    const auto weights = test::tinyWeights(writer, 1);
    // Its own weights are numbers, what comes behind it is not: 1e38 times 1e38.
    const auto source = [&](const GgufRowRange& range, std::span<std::byte> out) -> Status {
        SOTTO_TRY(weights(range, out));
        if (writer.tensors()[range.tensorIndex].name != "blk.1.ffn_norm.weight") return {};
        const float large = 1e38f;
        for (std::size_t place = 0; place < out.size(); place += sizeof large)
            std::memcpy(out.data() + place, &large, sizeof large);
        return {};
    };
    QVERIFY(writer.write(at("source.gguf"), source).has_value());
    expectRefusal(optionsFor("Q4_0"), ErrorCode::FileDamaged, "blk.1.ffn_");
}

QTEST_GUILESS_MAIN(GptqTest)
#include "gptq_test.moc"
