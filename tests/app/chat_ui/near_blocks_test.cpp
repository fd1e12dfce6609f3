// Of a long answer only the blocks near the viewport are rows; where they are follows from what is
// known of all.
#include "app/ui/Chat/near_blocks.h"

#include <QAbstractItemModelTester>
#include <QtTest>
#include <limits>

#include "app/chat/markdown_blocks.h"
#include "app/ui/Chat/text_style.h"

using namespace sotto::app;

namespace {

constexpr double kLine = 20;
constexpr double kPatience = 1e6;  // ms

struct Column {
    Column() {
        for (TextStyle* style : {&text, &code, &cell}) style->setLineHeight(kLine);
        rows.setStyles({&text, &code, &cell});
        rows.setWidth(600);
        rows.setBlocks(&blocks);
    }
    void write(const QString& source) {
        blocks.setSource(source);
        rows.place();
    }
    bool show(double top, double bottom, double mostMs = kPatience) {
        const double height = bottom - top;
        return rows.show({{top, bottom},
                          {top - height, bottom + height},
                          {top - 2 * height, bottom + 2 * height},
                          -1,
                          mostMs});
    }
    QList<int> made() const {
        QList<int> made;
        for (int row = 0; row < rows.rowCount(); ++row)
            made.append(rows.data(rows.index(row), NearBlocks::RowRole).toInt());
        return made;
    }

    TextStyle text, code, cell;
    BlockListModel blocks;
    NearBlocks rows;
    QAbstractItemModelTester tester{&rows, QAbstractItemModelTester::FailureReportingMode::QtTest};
};

QList<int> range(int first, int last) {
    QList<int> all;
    for (int block = first; block <= last; ++block) all.append(block);
    return all;
}

// One line each, 12 px apart.
QString paragraphs(int nParagraphs) {
    QStringList all;
    for (int number = 0; number < nParagraphs; ++number)
        all.append(QStringLiteral("word %1").arg(number));
    return all.join(QStringLiteral("\n\n"));
}

}  // namespace

class NearBlocksTest : public QObject {
    Q_OBJECT

private slots:
    void aFew_areAllMade() {
        Column column;
        column.write(paragraphs(NearBlocks::kFew));
        QVERIFY(column.show(-5000, -4000, 0));
        QCOMPARE(column.made(), range(0, NearBlocks::kFew - 1));
    }
    void many_areMadeWhereTheyAreSeen() {
        Column column;
        column.write(paragraphs(200));
        QCOMPARE(column.rows.extent(), 200 * kLine + 199 * 12);
        QVERIFY(column.show(3200, 3520));
        QCOMPARE(column.made(), range(90, 120));  // 32 px each
        QVERIFY(column.show(3520, 3840));
        QCOMPARE(column.made(), range(90, 130));  // those that are not yet far stay
        QVERIFY(column.show(0, 320));
        QCOMPARE(column.made(), range(0, 20));
    }
    void seen_isMadeAtOnce_andTheRestInParts() {
        Column column;
        column.write(paragraphs(200));
        QVERIFY(!column.show(3201, 3519, 0));
        QCOMPARE(column.made(), range(99, 110));  // and the one above
        for (int nTimes = 0; !column.show(3201, 3519, 1e-6); ++nTimes) QVERIFY(nTimes < 30);
        QCOMPARE(column.made(), range(90, 120));
    }
    // For a screen reader.
    void all_areMadeWhenAllAreNear() {
        Column column;
        column.write(paragraphs(200));
        constexpr double kAll = std::numeric_limits<double>::max();
        QVERIFY(column.rows.show({{0, 320}, {-kAll, kAll}, {-kAll, kAll}, -1, kPatience}));
        QCOMPARE(column.made(), range(0, 199));
    }
    void knownHeights_moveWhatIsBelow() {
        Column column;
        column.write(paragraphs(200));
        column.show(3200, 3520);
        column.rows.setHeight(95, 132);
        QVERIFY(column.rows.place());
        QVERIFY(!column.rows.place());
        QCOMPARE(column.rows.spanOf(95).bottom, column.rows.spanOf(95).top + 132);
        QCOMPARE(column.rows.extent(), 200 * kLine + 199 * 12 + 100);
        const auto top = [&](int row) {
            return column.rows.data(column.rows.index(row), NearBlocks::TopRole).toDouble();
        };
        QCOMPARE(top(6), column.rows.spanOf(96).top);
        column.show(0, 320);  // and are kept when the block goes
        QCOMPARE(column.rows.spanOf(95).bottom - column.rows.spanOf(95).top, 132.0);
    }
    void anotherWidth_isEstimatedAnew() {
        Column column;
        column.write(QString(QStringLiteral("words ")).repeated(200) + QStringLiteral("\n\n") +
                     paragraphs(30));
        const double before = column.rows.extent();
        column.rows.setWidth(300);
        column.rows.place();
        QVERIFY(column.rows.extent() > before + kLine);
    }
    // A button is found by Tab, from outside and from the one before, though all between is not
    // made.
    void codeAround_isMadeToo() {
        Column column;
        QStringList parts(7, paragraphs(50));
        column.write(parts.join(QStringLiteral("\n\n```\nx\n```\n\n")));
        const auto madeCode = [&] {
            QList<int> code;
            for (const int block : column.made())
                if (column.blocks.block(block).kind == BlockListModel::Code) code.append(block);
            return code;
        };
        const double top = column.rows.spanOf(120).top;
        column.show(top, top + 100);
        QCOMPARE(madeCode(), (QList<int>{50, 101, 152, 305}));
        const auto around = [&](double viewports) {
            return ColumnSpan{top - viewports * 100, top + 100 + viewports * 100};
        };
        column.rows.show({around(0), around(1), around(2), 305, kPatience});
        QCOMPARE(madeCode(), (QList<int>{50, 101, 152, 254, 305}));
    }
    void rows_followTheAnswer() {
        Column column;
        column.write(paragraphs(40));
        column.show(0, 100000);
        QSignalSpy changes(&column.rows, &QAbstractItemModel::dataChanged);
        column.write(paragraphs(40) + QStringLiteral(" and more"));
        QVERIFY(!changes.isEmpty());
        // The last paragraph becomes a heading's line.
        column.write(paragraphs(39) + QStringLiteral("\n\n# word"));
        column.show(0, 100000);
        QCOMPARE(column.made(), range(0, 39));
        QCOMPARE(column.rows.data(column.rows.index(39), NearBlocks::GapRole).toDouble(), 20.0);
        column.write(paragraphs(38));
        QCOMPARE(column.made(), range(0, 37));
        QCOMPARE(column.rows.total(), 38);
        column.write(paragraphs(45));
        QCOMPARE(column.rows.total(), 45);
        QCOMPARE(column.made(), range(0, 37));
        column.show(0, 100000);
        QCOMPARE(column.made(), range(0, 44));
    }
    void gaps_followFromWhatIsAround() {
        Column column;
        column.write(QStringLiteral("# a\n\nb\n\n- c\n- d\n\n## e\n\n> f\n>\n> g"));
        column.show(0, 1000);
        QList<double> gaps;
        for (int row = 0; row < column.rows.rowCount(); ++row)
            gaps.append(column.rows.data(column.rows.index(row), NearBlocks::GapRole).toDouble());
        QCOMPARE(gaps, (QList<double>{0, 6, 12, 4, 20, 6, 12}));
        const auto before = column.rows.data(column.rows.index(6), NearBlocks::OutsideRole)
                                .value<QList<BlockContainer>>();
        QCOMPARE(before.size(), 1);
        QVERIFY(before[0].isQuote());
    }
    void goneAnswer_leavesNoRows() {
        Column column;
        auto blocks = std::make_unique<BlockListModel>();
        blocks->setSource(paragraphs(3));
        column.rows.setBlocks(blocks.get());
        column.rows.place();
        column.show(0, 100);
        QCOMPARE(column.rows.rowCount(), 3);
        QVERIFY(column.rows.extent() > 0);
        QSignalSpy displaced(&column.rows, &NearBlocks::displaced);
        blocks.reset();
        QCOMPARE(column.rows.rowCount(), 0);
        QCOMPARE(column.rows.total(), 0);
        QVERIFY(!displaced.isEmpty());
        column.rows.place();
        QCOMPARE(column.rows.extent(), 0.0);
    }
};

QTEST_MAIN(NearBlocksTest)
#include "near_blocks_test.moc"
