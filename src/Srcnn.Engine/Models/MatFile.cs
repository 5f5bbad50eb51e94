namespace Srcnn.Engine.Models;

/// <summary>A value in a MATLAB file. Dims are MATLAB's: rows, columns, …; elements run down the rows first (column-major).</summary>
internal abstract record MatValue(int[] Dims);

/// <summary>Real numbers of any MATLAB class, column-major.</summary>
internal sealed record MatNumeric(int[] Dims, double[] Values) : MatValue(Dims);

/// <summary>A cell array, column-major.</summary>
internal sealed record MatCell(int[] Dims, MatValue[] Cells) : MatValue(Dims);

/// <summary>A structure array: for every field the values of all elements, column-major.</summary>
internal sealed record MatStruct(int[] Dims, IReadOnlyDictionary<string, MatValue[]> Fields) : MatValue(Dims)
{
    /// <summary>The field of the first element, or null.</summary>
    public MatValue? Field(string name) => Fields.GetValueOrDefault(name) is [var value, ..] ? value : null;
}

/// <summary>Something weights are not made of (text, sparse or complex numbers, objects, functions): named, not read.</summary>
internal sealed record MatOther(int[] Dims, string Class) : MatValue(Dims);

/// <summary>The variables of a MATLAB file of version 5 (as <c>save -v6</c> and <c>-v7</c> write it).</summary>
internal sealed class MatFile
{
    internal MatFile(string name, IReadOnlyDictionary<string, MatValue> variables) => (Name, Variables) = (name, variables);

    /// <summary>The file as the caller named it.</summary>
    public string Name { get; }

    /// <summary>The variables by name.</summary>
    public IReadOnlyDictionary<string, MatValue> Variables { get; }

    /// <summary>The real numbers under that name, or null if there are none.</summary>
    public MatNumeric? Numeric(string name) => Variables.GetValueOrDefault(name) as MatNumeric;

    /// <summary>Reads a whole file of at most 256 MiB.</summary>
    /// <exception cref="ModelException">The file is missing, unreadable, broken, or of MATLAB version 4 or 7.3.</exception>
    public static MatFile Load(string path)
    {
        using var stream = ModelStream.Open(path);
        if (stream.Length > MatReader.MaxFileBytes)
            throw new ModelException(path, $"{stream.Length} bytes", $"weight files have at most {MatReader.MaxFileBytes}", "check that this is a file of weights");
        try
        {
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return Read(bytes, path);
        }
        catch (IOException e)
        {
            throw ModelStream.Unreadable(path, e);
        }
    }

    /// <summary>Reads a file already in memory; <paramref name="name"/> is what messages call it.</summary>
    /// <exception cref="ModelException">As for <see cref="Load"/>.</exception>
    public static MatFile Read(byte[] bytes, string name)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return new MatFile(name, new MatReader(bytes, name).Read());
    }
}
