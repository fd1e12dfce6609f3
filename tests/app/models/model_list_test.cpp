// What the list of models keeps, tells apart and finds, without a file.
#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include "app/models/model_choice.h"
#include "app/models/model_distinctions.h"
#include "app/models/model_list_model.h"
#include "app/models/model_search.h"
#include "app/models/plan_cache.h"

using namespace sotto;
using namespace sotto::app;

namespace {

constexpr std::uint64_t kGib = std::uint64_t{1} << 30;

ModelEntry entry(const QString& path, const QString& name, const QString& quantization) {
    ModelEntry row;
    row.path = path;
    row.fileName = path.section(QLatin1Char('/'), -1);
    row.name = name;
    row.quantization = quantization;
    return row;
}

QStringList distinctions(std::vector<ModelEntry> entries) {
    distinguish(entries);
    QStringList texts;
    for (const ModelEntry& row : entries) texts.append(row.distinction);
    return texts;
}

// Of a processor of which no more is known.
KnownRates bandwidth(double readGbS) {
    KnownRates rates;
    rates.processor.readGbS = readGbS;
    return rates;
}

PlannedModel planned() {
    PlannedModel plan;
    plan.info.name = "Name “7B”";
    plan.info.architecture = "llama";
    plan.info.quantization = "Q4_K_M";
    plan.info.fileBytes = 4 * kGib;
    plan.info.contextTokens = 32768;
    plan.info.nLayers = 40;
    plan.info.nGpuLayers = 40;
    plan.info.memory = {4 * kGib, kGib, 7};
    plan.info.cardMemory = {3 * kGib, kGib, 5};
    plan.info.bytesPerToken = 4 * kGib;
    plan.info.cardBytesPerToken = 3 * kGib;
    plan.info.unpackedTypes = {DType::Q2_K, DType::IQ3_S};
    plan.info.weightUse = {{DType::Q4_K, 3 * kGib, 6}, {DType::Q6_K, kGib, 2}};
    return plan;
}

}  // namespace

class ModelListTest : public QObject {
    Q_OBJECT

private slots:
    void distinguish_namesWhatDiffers() {
        QCOMPARE(
            distinctions({entry("/m/a.gguf", "Qwen", "Q4_K_M"), entry("/m/b.gguf", "Qwen", "Q8_0"),
                          entry("/m/c.gguf", "Other", "Q8_0")}),
            QStringList({"", "", ""}));
        QCOMPARE(distinctions({entry("/m/a.gguf", "Qwen", "Q4_K_M"),
                               entry("/m/b.gguf", "qwen", "Q4_K_M"),
                               entry("/m/c.gguf", "Qwen", "Q8_0")}),
                 QStringList({"a.gguf", "b.gguf", ""}));
        QCOMPARE(
            distinctions({entry("/one/x/m.gguf", "Qwen", ""), entry("/two/x/m.gguf", "Qwen", ""),
                          entry("/two/y/m.gguf", "Qwen", "")}),
            QStringList({"one/x/m.gguf", "two/x/m.gguf", "two/y/m.gguf"}));
        QCOMPARE(distinctions({entry("/m.gguf", "Qwen", ""), entry("/x/m.gguf", "Qwen", "")}),
                 QStringList({"m.gguf", "x/m.gguf"}));
    }

    void search_findsByAllThatIsKnown_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("isFound");
        QTest::newRow("nothing typed") << "" << true;
        QTest::newRow("name") << "instruct" << true;
        QTest::newRow("file name") << "mistral-7b-v0" << true;
        QTest::newRow("folder") << "thebloke" << true;
        QTest::newRow("quantization") << "q5_k" << true;
        QTest::newRow("architecture") << "llama" << true;
        QTest::newRow("words of several") << "mistral q5" << true;
        QTest::newRow("words in any order") << "Q5_K_M thebloke" << true;
        QTest::newRow("a word of another") << "mistral q4" << false;
        QTest::newRow("the inside of words") << "istral 5_k" << false;
        QTest::newRow("something else") << "qwen" << false;
    }
    void search_findsByAllThatIsKnown() {
        QFETCH(QString, text);
        QFETCH(bool, isFound);
        ModelListModel list;
        ModelEntry row = entry("/home/me/TheBloke/mistral-7b-v0.3.gguf", "Some Instruct", "Q5_K_M");
        row.architecture = "llama";
        list.setEntries({row});
        ModelSearch search;
        search.setModels(&list);
        search.setText(text);
        QCOMPARE(search.rowCount(), isFound ? 1 : 0);
    }

    void suggestion_isTheLargestThatIsFastEnough() {
        ModelListModel list;
        const auto sized = [](const char* path, qint64 gib) {
            ModelEntry row = entry(path, path, "Q4_K_M");
            row.memoryBytes = row.bytesPerToken = gib * qint64(kGib);
            return row;
        };
        ModelEntry demo = sized("/demo", 1), large = sized("/large", 400),
                   broken = sized("/bad", 3);
        demo.isDemo = true;
        large.isTooLarge = true;
        broken.isReadable = false;
        list.setEntries({demo, large, broken});
        QCOMPARE(list.suggestedRow(), -1);
        list.setEntries(
            {demo, sized("/two", 2), sized("/twenty", 20), sized("/four", 4), large, broken});
        QCOMPARE(list.suggestedRow(), 2);  // speeds are not known yet
        list.setRates(bandwidth(50));      // 50 GB/s: 11 tokens/s of 4 GiB, 2 of 20 GiB
        QCOMPARE(list.suggestedRow(), 3);
        list.setRates(bandwidth(10));  // none is as fast as one reads: the fastest
        QCOMPARE(list.suggestedRow(), 1);
    }

    // What is measured of each format counts as soon as it is known, with what lies in the cache;
    // until then the bandwidth alone, and the row says so.
    void speed_isByTheRatesOfItsFormats() {
        ModelListModel list;
        ModelEntry row = entry("/m.gguf", "Some", "Q4_K_M");
        row.memoryBytes = 5 * qint64(kGib);
        row.bytesPerToken = 4'000'000'000;
        row.weightUse = {{DType::Q4_K, 3'000'000'000, 1}, {DType::Q6_K, 1'000'000'000, 1}};
        row.contextTokens = 1000;
        row.kvBytes = 2'000'000'000;
        list.setEntries({row});
        const auto speed = [&list] {
            return list.data(list.index(0), ModelListModel::PredictedSpeedRole).toDouble();
        };
        const auto note = [&list] {
            return list.data(list.index(0), ModelListModel::SpeedNoteRole).toString();
        };
        QCOMPARE(speed(), 0.0);
        QVERIFY(note().isEmpty());
        KnownRates rates = bandwidth(40);
        list.setRates(rates);
        QCOMPARE(speed(), 10.0);
        QVERIFY(note().contains("bandwidth alone"));
        // 500 tokens are another gigabyte.
        QCOMPARE(list.forecastOf("/m.gguf", 500).forecast.tokensPerSecond, 8.0);
        // With one of its formats alone it is no forecast by rates yet.
        rates.processor.types = {{DType::Q4_K, 30, 1}};
        list.setRates(rates);
        QCOMPARE(speed(), 10.0);
        QCOMPARE(list.forecastOf("/m.gguf", 0).basis, SpeedBasis::Bandwidth);
        rates.processor.types = {{DType::Q4_K, 30, 1}, {DType::Q6_K, 10, 1}};
        rates.processor.cacheGbS = 20;
        list.setRates(rates);
        QCOMPARE(speed(), 1 / (3.0 / 30 + 1.0 / 10));
        QVERIFY(!note().contains("alone"));
        QCOMPARE(list.forecastOf("/m.gguf", 500).forecast.tokensPerSecond,
                 1 / (3.0 / 30 + 1.0 / 10 + 1.0 / 20));
        QCOMPARE(list.forecastOf("/m.gguf", 500).basis, SpeedBasis::Rates);
        // What an answer told of a forecast by the bandwidth corrects no other.
        list.setSpeeds({{"/m.gguf", {.measured = 7, .bandwidthCorrection = 0.7}}});
        QCOMPARE(speed(), 1 / (3.0 / 30 + 1.0 / 10));
        list.setSpeeds({{"/m.gguf", {.measured = 7, .rateCorrection = 0.5}}});
        QCOMPARE(speed(), 0.5 / (3.0 / 30 + 1.0 / 10));
    }

    void speed_byADataSheet_saysSo() {
        ModelListModel list;
        ModelEntry row = entry("/m.gguf", "Some", "Q8_0");
        row.bytesPerToken = row.cardBytesPerToken = 1'000'000'000;
        list.setEntries({row});
        KnownRates rates;
        rates.card.emplace().readGbS = 500;
        rates.isCardByDataSheet = true;
        list.setRates(rates);
        QCOMPARE(list.data(list.index(0), ModelListModel::PredictedSpeedRole).toDouble(), 500.0);
        QVERIFY(list.data(list.index(0), ModelListModel::SpeedNoteRole)
                    .toString()
                    .contains("data sheet"));
    }

    // However many there are, the first page makes two rows of cards, and the suggested one is
    // there.
    void choice_isOfFew() {
        ModelListModel list;
        ModelChoice choice;
        choice.setModels(&list);
        QSignalSpy counted(&choice, &ModelChoice::countChanged);
        const auto shown = [&choice] {
            QStringList paths;
            for (int row = 0; row < choice.rowCount(); ++row)
                paths.append(choice.index(row, 0).data(ModelListModel::PathRole).toString());
            return paths;
        };
        QCOMPARE(choice.rowCount(), 0);
        std::vector<ModelEntry> entries;
        for (int index = 0; index < 2000; ++index) {
            entries.push_back(entry("/" + QString::number(index), "M", ""));
            entries.back().memoryBytes = index == 1500 ? 2 : 1;
        }
        list.setEntries(entries);
        QCOMPARE(shown(), QStringList({"/0", "/1", "/2", "/3", "/1500"}));
        QVERIFY(counted.count() > 0);
        list.setEntries({entries[7], entries[8]});
        QCOMPARE(shown(), QStringList({"/7", "/8"}));
    }

    // Rows that stay are not taken away, so that a view keeps its place.
    void setEntries_tellsWhatChanged() {
        ModelListModel list;
        QAbstractItemModelTester tester(&list);
        QSignalSpy resets(&list, &QAbstractItemModel::modelReset);
        QSignalSpy removed(&list, &QAbstractItemModel::rowsRemoved);
        const ModelEntry a = entry("/a", "A", ""), b = entry("/b", "B", ""),
                         c = entry("/c", "C", "");
        list.setEntries({a, c});
        const QPersistentModelIndex last = list.index(1);
        list.setEntries({a, b, c});
        QCOMPARE(last.row(), 2);
        ModelEntry changed = c;
        changed.name = "See";
        list.setEntries({a, b, changed});
        QCOMPARE(last.data(ModelListModel::NameRole).toString(), QStringLiteral("See"));
        QCOMPARE(removed.count(), 0);
        list.setEntries({changed});
        QCOMPARE(last.row(), 0);
        list.setEntries({});
        QVERIFY(!last.isValid());
        QCOMPARE(resets.count(), 0);
    }

    void plan_isRememberedWhole() {
        LoadOptions options;
        PlanSpace space{20 * kGib, 10 * kGib, 4};
        PlannedModel plan = planned();
        plan.shortage = Error{ErrorCode::OutOfMemory, "Too large: “x”.", "/x", UINT64_MAX, 3};
        plan.isShortened = true;
        plan.info.deviceReason = DeviceReason::CardFull;
        const auto again = planFromMemory(rememberedPlan(options, space, plan), options, space);
        QVERIFY(again && *again);
        const PlannedModel& read = **again;
        QCOMPARE(read.info.name, plan.info.name);
        QCOMPARE(read.info.architecture, plan.info.architecture);
        QCOMPARE(read.info.quantization, plan.info.quantization);
        QCOMPARE(read.info.contextTokens, plan.info.contextTokens);
        QCOMPARE(read.info.nGpuLayers, plan.info.nGpuLayers);
        QCOMPARE(read.info.memory.total(), plan.info.memory.total());
        QCOMPARE(read.info.cardMemory.weights, plan.info.cardMemory.weights);
        QCOMPARE(read.info.cardBytesPerToken, plan.info.cardBytesPerToken);
        QCOMPARE(read.info.deviceReason, plan.info.deviceReason);
        QVERIFY(read.info.unpackedTypes == plan.info.unpackedTypes);
        QVERIFY(read.info.weightUse == plan.info.weightUse);
        QVERIFY(read.isShortened);
        QCOMPARE(read.shortage->code, ErrorCode::OutOfMemory);
        QCOMPARE(read.shortage->message, plan.shortage->message);
        QCOMPARE(read.shortage->needed, UINT64_MAX);
    }

    void plan_ofADamagedFile_isRemembered_butNoPassingFailure() {
        const PlanSpace space;
        const Result<PlannedModel> damaged = fail(ErrorCode::FileDamaged, "Cut off.", "/x");
        const auto again = planFromMemory(rememberedPlan({}, space, damaged), {}, space);
        QVERIFY(again && !*again);
        QCOMPARE(again->error().message, std::string("Cut off."));
        for (const ErrorCode code :
             {ErrorCode::FileNotFound, ErrorCode::FileUnreadable, ErrorCode::Unsupported})
            QVERIFY(rememberedPlan({}, space, fail(code, "Today.")).empty());
        for (const char* json : {"", "{}", "[1]", "{\"info\": 3}"})
            QVERIFY(!planFromMemory(json, {}, space));
    }

    void plan_isMadeAnewWhereMemoryOrOptionsChanged_data() {
        QTest::addColumn<int>("more");  // GiB of the processor, than when it was made
        QTest::addColumn<int>("moreOnCard");
        QTest::addColumn<bool>("isShortened");
        QTest::addColumn<bool>("isRemembered");
        QTest::newRow("the same") << 0 << 0 << true << true;
        QTest::newRow("it has all, and more is free") << 5 << 5 << false << true;
        QTest::newRow("it could have more") << 5 << 0 << true << false;
        QTest::newRow("it could lie on the card") << 0 << 5 << true << false;
        QTest::newRow("less is free") << -1 << 0 << false << false;
        QTest::newRow("less is free on the card") << 0 << -1 << false << false;
    }
    void plan_isMadeAnewWhereMemoryOrOptionsChanged() {
        QFETCH(int, more);
        QFETCH(int, moreOnCard);
        QFETCH(bool, isShortened);
        QFETCH(bool, isRemembered);
        PlannedModel plan = planned();
        plan.isShortened = isShortened;
        LoadOptions options;
        PlanSpace space{20 * kGib, 10 * kGib, 4};
        const std::string json = rememberedPlan(options, space, plan);
        PlanSpace now = space;
        now.processorBytes += static_cast<std::uint64_t>(more) * kGib;
        *now.cardBytes += static_cast<std::uint64_t>(moreOnCard) * kGib;
        QCOMPARE(planFromMemory(json, options, now).has_value(), isRemembered);
        now = space;
        now.processorBytes -= kSameMemoryBytes - 1;
        QVERIFY(planFromMemory(json, options, now));
        now.cardBytes.reset();
        QVERIFY(!planFromMemory(json, options, now));
        now = space;
        now.nThreads = 8;
        QVERIFY(!planFromMemory(json, options, now));
        LoadOptions named = options;
        named.device = "cuda:0";
        QVERIFY(!planFromMemory(json, named, space));
        options.contextTokens = 4096;
        QVERIFY(!planFromMemory(json, options, space));
    }
};

QTEST_APPLESS_MAIN(ModelListTest)
#include "model_list_test.moc"
