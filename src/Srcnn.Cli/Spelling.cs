namespace Srcnn.Cli;

/// <summary>Guesses what a misspelt name was meant to be.</summary>
internal static class Spelling
{
    /// <summary>The name nearest to <paramref name="word"/>, if it is near at all.</summary>
    public static string? Nearest(string word, IEnumerable<string> names)
    {
        var best = names.Select(name => (Name: name, Distance: Distance(word, name))).OrderBy(n => n.Distance).FirstOrDefault();
        return best.Name is not null && best.Distance <= Math.Max(2, word.Length / 3) ? best.Name : null;
    }

    /// <summary>Letters to insert, delete or replace (Levenshtein).</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[b.Length];
    }
}
