#include "storage/comparison_table.h"

#include <QTest>

#include "tests/storage/library_fixture.h"

using namespace sotto;
using namespace sotto::storage;

namespace {

ComparisonRecord someComparison(std::int64_t createdAt) {
    return {.createdAt = createdAt,
            .prompt = "Why is the sky 'blue'? 天",
            .models = "Qwen3 4B F16, Q4_K_M",
            .report = "{\"format\": 1}"};
}

}  // namespace

class ComparisonTableTest : public QObject {
    Q_OBJECT
private slots:
    void init() { VERIFY_OK(m_library.open()); }

    void aSavedComparison_comesBackWhole() {
        const ComparisonRecord saved = someComparison(1'700'000'000'000);
        const auto id = m_library->comparisons().save(saved);
        VERIFY_OK(id);
        QVERIFY(*id > 0);
        const auto found = m_library->comparisons().find(*id);
        VERIFY_OK(found);
        QCOMPARE(found->id, *id);
        QCOMPARE(found->createdAt, saved.createdAt);
        QCOMPARE(found->prompt, saved.prompt);
        QCOMPARE(found->models, saved.models);
        QCOMPARE(found->report, saved.report);
    }
    void list_hasTheNewestFirst_withoutReports() {
        for (const std::int64_t createdAt : {20, 30, 10})
            VERIFY_OK(m_library->comparisons().save(someComparison(createdAt)));
        const auto list = m_library->comparisons().list();
        VERIFY_OK(list);
        QCOMPARE(list->size(), 3u);
        QCOMPARE((*list)[0].createdAt, std::int64_t(30));
        QCOMPARE((*list)[2].createdAt, std::int64_t(10));
        QVERIFY(list->front().report.empty());
    }
    void removed_isGone_andComesBackUnderItsId() {
        const auto id = m_library->comparisons().save(someComparison(1));
        VERIFY_OK(id);
        auto kept = m_library->comparisons().find(*id);
        VERIFY_OK(kept);
        VERIFY_OK(m_library->comparisons().remove(*id));
        QVERIFY(!m_library->comparisons().find(*id));
        VERIFY_OK(m_library->comparisons().remove(*id));
        const auto again = m_library->comparisons().save(*kept);
        VERIFY_OK(again);
        QCOMPARE(*again, *id);
        QCOMPARE(m_library->comparisons().find(*id)->report, kept->report);
    }
    void aComparisonWithoutReport_isRefused() {
        ComparisonRecord empty = someComparison(1);
        empty.report.clear();
        QCOMPARE(m_library->comparisons().save(empty).error().code, ErrorCode::InvalidArgument);
        QVERIFY(m_library->comparisons().list()->empty());
    }

private:
    LibraryFixture m_library = memoryLibrary();
};

QTEST_APPLESS_MAIN(ComparisonTableTest)
#include "comparison_table_test.moc"
