#include "storage/tree_path.h"

#include <QTest>

using sotto::storage::ancestorsOf;
using sotto::storage::MessageId;
using sotto::storage::PathNode;
using sotto::storage::shownPath;
using sotto::storage::TreeNode;

namespace {

QList<qint64> idsOf(const std::vector<PathNode>& path) {
    QList<qint64> ids;
    for (const PathNode& node : path) ids.push_back(node.id);
    return ids;
}

}  // namespace

class TreePathTest : public QObject {
    Q_OBJECT
private slots:
    void shownPath_followsActiveSiblings_data() {
        QTest::addColumn<std::vector<TreeNode>>("nodes");
        QTest::addColumn<QList<qint64>>("expected");
        using Nodes = std::vector<TreeNode>;
        QTest::newRow("empty") << Nodes{} << QList<qint64>{};
        QTest::newRow("chain") << Nodes{{1, 0, true}, {2, 1, true}, {3, 2, true}}
                               << QList<qint64>{1, 2, 3};
        QTest::newRow("older version active")
            << Nodes{{1, 0, true}, {2, 1, true}, {3, 1, false}, {4, 2, true}, {5, 3, true}}
            << QList<qint64>{1, 2, 4};
        QTest::newRow("newer version active")
            << Nodes{{1, 0, true}, {2, 1, false}, {3, 1, true}, {4, 2, true}, {5, 3, true}}
            << QList<qint64>{1, 3, 5};
        QTest::newRow("second root")
            << Nodes{{1, 0, false}, {2, 1, true}, {3, 0, true}} << QList<qint64>{3};
        // What a damaged file could hold.
        QTest::newRow("none active: the newest")
            << Nodes{{1, 0, false}, {2, 1, false}, {3, 1, false}} << QList<qint64>{1, 3};
        QTest::newRow("two active: the newer")
            << Nodes{{1, 0, true}, {2, 1, true}, {3, 1, true}} << QList<qint64>{1, 3};
        QTest::newRow("parent missing: after the one before")
            << Nodes{{1, 0, true}, {2, 1, true}, {4, 3, true}, {5, 4, true}}
            << QList<qint64>{1, 2, 4, 5};
        QTest::newRow("own parent") << Nodes{{1, 0, true}, {2, 2, true}} << QList<qint64>{1};
        QTest::newRow("cycle") << Nodes{{1, 0, true}, {2, 3, true}, {3, 2, true}}
                               << QList<qint64>{1};
        QTest::newRow("first one missing")
            << Nodes{{2, 1, true}, {3, 2, true}} << QList<qint64>{2, 3};
    }
    void shownPath_followsActiveSiblings() {
        QFETCH(std::vector<TreeNode>, nodes);
        QFETCH(QList<qint64>, expected);
        QCOMPARE(idsOf(shownPath(nodes)), expected);
    }

    void shownPath_countsVersionsAndNamesNeighbours() {
        const std::vector<TreeNode> nodes{
            {10, 0, true}, {20, 10, false}, {21, 10, true}, {22, 10, false}};
        const std::vector<PathNode> path = shownPath(nodes);
        QCOMPARE(path.size(), std::size_t{2});
        QCOMPARE(path[0].versionCount, 1);
        QCOMPARE(path[0].previousVersionId, MessageId{0});
        QCOMPARE(path[0].nextVersionId, MessageId{0});
        QCOMPARE(path[1].versionIndex, 2);
        QCOMPARE(path[1].versionCount, 3);
        QCOMPARE(path[1].previousVersionId, MessageId{20});
        QCOMPARE(path[1].nextVersionId, MessageId{22});
    }

    void ancestorsOf_endsAtTheRootAMissingParentOrACycle() {
        const std::vector<TreeNode> nodes{{1, 0, true}, {2, 1, true}, {3, 2, true},
                                          {5, 4, true}, {6, 7, true}, {7, 6, true}};
        using Ids = std::vector<MessageId>;
        QCOMPARE(ancestorsOf(nodes, 3), (Ids{3, 2, 1}));
        QCOMPARE(ancestorsOf(nodes, 5), (Ids{5}));
        QCOMPARE(ancestorsOf(nodes, 6), (Ids{6, 7}));
        QCOMPARE(ancestorsOf(nodes, 99), Ids{});
    }
};

QTEST_APPLESS_MAIN(TreePathTest)
#include "tree_path_test.moc"
