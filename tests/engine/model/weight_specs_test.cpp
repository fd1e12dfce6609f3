// The tables of tensors: each row is one member of Weights and one name, a file without a tensor is
// refused or loaded as its row says, and what is loaded points where the row says.
#include <QtTest>
#include <algorithm>
#include <cstring>
#include <set>

#include "engine/kernels/reference/reference_kernels.h"
#include "engine/model/loader.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

namespace {

// One file for each table: dense with biases, with norms of q and k, a mixture.
test::TinyModel tinyOf(const QString& architecture) {
    test::TinyModel model;
    model.architecture = architecture.toStdString();
    if (architecture == "qwen3moe") {
        model.nFf = 32;
        model.nExperts = 8;
    }
    return model;
}

struct Opened {
    std::vector<std::byte> bytes;
    Result<std::unique_ptr<ModelFile>> file;
};

// `without`: a tensor that the file lacks; empty: none.
Opened open(const QString& architecture, std::string_view without) {
    GgufWriter whole = test::describeTinyModel(tinyOf(architecture));
    Opened opened{{}, fail(ErrorCode::Internal, "not written")};
    const auto bytes = whole.toBytes(test::tinyWeights(whole, 1));
    if (!bytes) return opened;
    opened.bytes = *bytes;
    // Another letter in its name: the file then has a tensor that nobody knows. In front of a name
    // stands its length, whose last byte is 0.
    std::string named(1, '\0');
    named += without;
    const auto place = std::search(
        opened.bytes.begin(), opened.bytes.end(), named.begin(), named.end(),
        [](std::byte left, char right) { return left == static_cast<std::byte>(right); });
    if (!without.empty() && place != opened.bytes.end()) *std::next(place) = std::byte{'x'};
    opened.file = parseModelFile(opened.bytes, "tiny.gguf");
    return opened;
}

// What the row's member points to; null for rotation factors.
const void* target(const WeightSpec& spec, const Weights& weights, std::size_t layerIndex) {
    const auto ofMember = [&](auto member) -> const void* {
        using Member = decltype(member);
        if constexpr (std::is_same_v<Member, RotationFactors>)
            return nullptr;
        else if constexpr (std::is_invocable_v<Member, const Weights&>)
            return weights.*member;
        else
            return weights.layers[layerIndex].*member;
    };
    return std::visit(ofMember, spec.place);
}

std::vector<SpecTable> tablesOf(const ModelConfig& config) {
    std::vector<SpecTable> tables{modelTable()};
    for (const SpecTable table : layerTables(config.layers.front())) tables.push_back(table);
    return tables;
}

}  // namespace

class WeightSpecsTest : public QObject {
    Q_OBJECT

private slots:
    void rows_areOneNameAndOneMemberEach_data() { addArchitectures(); }
    void rows_areOneNameAndOneMemberEach();
    void missingTensor_isJudgedByItsRow_data() { addArchitectures(); }
    void missingTensor_isJudgedByItsRow();
    void loadedTensor_isWhereItsRowSays_data() { addArchitectures(); }
    void loadedTensor_isWhereItsRowSays();

private:
    static void addArchitectures() {
        QTest::addColumn<QString>("architecture");
        for (const char* name : {"llama", "qwen2", "qwen3", "qwen3moe"})
            QTest::newRow(name) << QString(name);
    }
};

void WeightSpecsTest::rows_areOneNameAndOneMemberEach() {
    QFETCH(QString, architecture);
    const Opened opened = open(architecture, {});
    QVERIFY(opened.file);
    std::set<std::string> names;
    std::vector<WeightPlace> places;
    for (const SpecTable table : tablesOf((*opened.file)->config))
        for (const WeightSpec& spec : table) {
            QVERIFY2(names.insert(spec.tensorName(0)).second, spec.tensorName(0).c_str());
            QVERIFY(std::find(places.begin(), places.end(), spec.place) == places.end());
            places.push_back(spec.place);
            // A vector has one dimension and a matrix two, or three of experts; each names its key.
            QVERIFY(spec.columns.isThere());
            QCOMPARE(spec.rows.isThere(), !spec.isVector());
            QVERIFY(!spec.stack.isThere() || !spec.isVector());
            for (const Extent* extent : {&spec.columns, &spec.rows, &spec.stack})
                QCOMPARE(extent->key.empty(), !extent->isThere());
        }
}

void WeightSpecsTest::missingTensor_isJudgedByItsRow() {
    QFETCH(QString, architecture);
    const Opened whole = open(architecture, {});
    QVERIFY(whole.file);
    const ModelConfig& config = (*whole.file)->config;
    for (const SpecTable table : tablesOf(config))
        for (const WeightSpec& spec : table) {
            const std::string name = spec.tensorName(1);
            if ((*whole.file)->file.find(name) == nullptr) continue;
            const Opened opened = open(architecture, name);
            QVERIFY2(!opened.file, name.c_str());
            const std::string& message = opened.file.error().message;
            if (spec.presence({config, config.layers[1]}) == Presence::Required) {
                QCOMPARE(message, "The tensor '" + name + "' is missing.");
                QCOMPARE(opened.file.error().code, ErrorCode::FileDamaged);
            } else {
                // It is not missed; what it became is what nobody knows.
                QVERIFY2(
                    message.find("'x" + name.substr(1) + "' is not part of") != std::string::npos,
                    message.c_str());
            }
        }
}

void WeightSpecsTest::loadedTensor_isWhereItsRowSays() {
    QFETCH(QString, architecture);
    const Opened opened = open(architecture, {});
    QVERIFY(opened.file);
    const ModelFile& file = **opened.file;
    const auto kernels = createReferenceKernels();
    const auto weights = loadWeights(file, *kernels, {});
    QVERIFY(weights);
    std::set<const void*> targets;
    std::size_t nTargets = 0;
    for (const WeightEntry& entry : file.table.entries) {
        const auto layer = static_cast<std::size_t>(std::max(entry.layerIndex, 0));
        const void* there = target(*entry.spec, *weights, layer);
        QVERIFY2(there != nullptr, entry.tensor->name.c_str());
        targets.insert(there);
        ++nTargets;
        if (entry.isVector()) {
            // The first of its numbers, which float32 vectors have unchanged.
            float first = 0;
            std::memcpy(&first, entry.tensor->bytes.data(), sizeof first);
            QCOMPARE(*static_cast<const float*>(there), first);
        } else {
            const auto* weight = static_cast<const Weight*>(there);
            QCOMPARE(weight->nCols, entry.tensor->matrix().nCols);
            QCOMPARE(weight->nRows, entry.tensor->matrix().nRows);
        }
    }
    QCOMPARE(targets.size(), nTargets);
    // What the file has not is null.
    for (const SpecTable table : tablesOf(file.config))
        for (const WeightSpec& spec : table)
            if (file.file.find(spec.tensorName(0)) == nullptr)
                QVERIFY(target(spec, *weights, 0) == nullptr);
}

QTEST_APPLESS_MAIN(WeightSpecsTest)
#include "weight_specs_test.moc"
