namespace Srcnn.Kernels;

/// <summary>Makes a picture from a picture that comes in bands of rows, and gives out what rows it can after every band.</summary>
internal interface IRowStage
{
    /// <summary>Output pixels per input pixel, both ways.</summary>
    int Scale { get; }

    /// <summary>Starts a picture; an unfinished one is forgotten.</summary>
    void Start(int height, int width);

    /// <summary>Takes the next rows of the picture, [rows, width, channels].</summary>
    /// <param name="rows">Any number of rows; with the picture's last row everything is finished.</param>
    /// <param name="output">Asked once, with the number of rows that are now finished, for where to put them: [rows, width·Scale, channels].</param>
    void Push(ReadOnlyMemory<float> rows, Func<int, Memory<float>> output);

    /// <summary>A whole picture [height, width, channels] at once.</summary>
    float[] Run(float[] picture, int height, int width)
    {
        var output = new float[checked(picture.Length * Scale * Scale)];
        Start(height, width);
        Push(picture, _ => output);
        return output;
    }
}
